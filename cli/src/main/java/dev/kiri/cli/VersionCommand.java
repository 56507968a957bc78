package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.output.Format;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import dev.kiri.ops.admin.BuildVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `kirictl version`: of itself, of the control plane, of node proxies and waypoints. A proxy that
/// does not answer is counted under `unknown`.
@Command(name = "version", description = "Shows the versions of kirictl and of the mesh.")
final class VersionCommand implements Runnable {
  private static final int CONTROL_PLANE_PORT = 15014;
  private static final int PROXY_PORT = 15000;
  private static final String UNKNOWN = "unknown";

  private final Kirictl root;

  @Option(
      names = "--remote",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      paramLabel = "BOOLEAN",
      description = "ask the mesh too (default: true)")
  private boolean remote = true;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "short",
      description = "short, json or yaml")
  private String output = "short";

  VersionCommand(Kirictl root) {
    this.root = root;
  }

  /// The version of one running process.
  private record Running(String name, String version) {}

  @Override
  public void run() {
    var format = Format.parse(output);
    if (!remote) {
      root.print(text(format, List.of(), List.of()));
      return;
    }
    Cluster cluster;
    try {
      cluster = root.cluster();
    } catch (MeshException e) {
      root.print(text(format, List.of(), List.of()));
      throw e;
    }
    var system = cluster.list("Pod", root.istioNamespace());
    var controlPlanes = system.stream().filter(pod -> "istiod".equals(pod.labels().get("app")));
    var proxies = cluster.list("Pod", "").stream().filter(VersionCommand::isProxy);
    root.print(
        text(
            format,
            controlPlanes.map(pod -> ask(cluster, pod, CONTROL_PLANE_PORT)).toList(),
            proxies.map(pod -> ask(cluster, pod, PROXY_PORT)).toList()));
  }

  private static boolean isProxy(KubeObject pod) {
    return Ztunnels.isZtunnel(pod)
        || pod.labels().containsKey("gateway.networking.k8s.io/gateway-name");
  }

  private static Running ask(Cluster cluster, KubeObject pod, int port) {
    try {
      var reply = cluster.http(pod.namespace(), pod.name(), port, "GET", "/version");
      var version = reply.status() == 200 ? reply.body().strip() : UNKNOWN;
      return new Running(Ztunnels.fullName(pod), version);
    } catch (MeshException e) {
      return new Running(Ztunnels.fullName(pod), UNKNOWN);
    }
  }

  private String text(Format format, List<Running> controlPlanes, List<Running> proxies) {
    return format == Format.SHORT
        ? lines(controlPlanes, proxies)
        : format.text(facts(controlPlanes, proxies));
  }

  private String lines(List<Running> controlPlanes, List<Running> proxies) {
    var lines = new ArrayList<String>();
    lines.add("client version: " + BuildVersion.text());
    controlPlanes.stream()
        .map(Running::version)
        .distinct()
        .forEach(version -> lines.add("control plane version: " + version));
    if (!controlPlanes.isEmpty()) {
      lines.add("data plane version: " + (proxies.isEmpty() ? "none" : counted(proxies)));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String counted(List<Running> proxies) {
    var counts =
        proxies.stream()
            .collect(Collectors.groupingBy(Running::version, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .map(entry -> entry.getKey() + " (" + entry.getValue() + " proxies)")
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Object> facts(List<Running> controlPlanes, List<Running> proxies) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("clientVersion", Map.of("version", BuildVersion.text()));
    facts.put(
        "meshVersion",
        controlPlanes.stream()
            .map(c -> Map.of("Component", "pilot", "Info", Map.of("version", c.version())))
            .toList());
    facts.put(
        "dataPlaneVersion",
        proxies.stream().map(p -> Map.of("ID", p.name(), "IstioVersion", p.version())).toList());
    return facts;
  }
}
