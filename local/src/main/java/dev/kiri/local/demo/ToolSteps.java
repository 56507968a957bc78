package dev.kiri.local.demo;

import dev.kiri.local.demo.TrafficSteps.Observed;
import java.util.ArrayList;
import java.util.List;

/// The step about what an operator sees.
final class ToolSteps {
  private final Shop shop;
  private final List<String> kirictl;

  /// @param kirictl the command line of kirictl
  ToolSteps(Shop shop, List<String> kirictl) {
    this.shop = shop;
    this.kirictl = kirictl;
  }

  /// 8. kirictl, pointed at the running mesh.
  Observed kirictl() {
    var workloads = ask("ztunnel-config", "workload");
    var services = ask("ztunnel-config", "service");
    var certificates = ask("ztunnel-config", "certificate", "--node", "node-1");
    var waypoints = ask("waypoint", "status", "-n", "shop");
    boolean ok =
        says(workloads, "web")
            && says(services, "catalog")
            && says(certificates, "spiffe://cluster.local/ns/shop/sa/web")
            && waypoints.code() == 0
            && waypoints.text().contains("waypoint");
    return new Observed(
        ok,
        "workloads: "
            + rows(workloads)
            + "; services: "
            + rows(services)
            + "; certificates: "
            + rows(certificates)
            + "; waypoint: "
            + (waypoints.code() == 0
                ? lastLine(waypoints.text())
                : "exit code " + waypoints.code() + " " + lastLine(waypoints.text())));
  }

  private Shop.Output ask(String... words) {
    var line = new ArrayList<>(kirictl);
    line.addAll(List.of(words));
    var builder = new ProcessBuilder(line);
    builder.environment().put("KIRI_MESH", shop.mesh().state().name());
    return Shop.run(builder);
  }

  private static boolean says(Shop.Output output, String word) {
    return output.code() == 0 && output.text().contains(word);
  }

  private static String rows(Shop.Output output) {
    return output.code() == 0
        ? Math.max(0, output.text().lines().count() - 1) + " rows"
        : "exit code " + output.code() + ": " + lastLine(output.text());
  }

  private static String lastLine(String text) {
    return text.lines().reduce("", (_, line) -> line).replaceAll("\\s+", " ");
  }
}
