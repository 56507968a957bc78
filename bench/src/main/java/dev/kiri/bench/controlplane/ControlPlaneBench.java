package dev.kiri.bench.controlplane;

import dev.kiri.bench.output.Output;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./kiri bench controlplane`.
@Command(
    name = "controlplane",
    description = "First index, memory and changes with the objects of a large cluster.",
    mixinStandardHelpOptions = true)
public final class ControlPlaneBench implements Callable<Integer> {
  @Option(names = "--pods", defaultValue = "100000", paramLabel = "NUMBER")
  private int pods;

  @Option(names = "--services", defaultValue = "5000", paramLabel = "NUMBER")
  private int services;

  @Option(
      names = "--clients",
      defaultValue = "100",
      paramLabel = "NUMBER",
      description = "streams, each as that of a ztunnel (default: ${DEFAULT-VALUE})")
  private int clients;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    if (pods < 1 || services < 1 || clients < 1) {
      throw new PlaneFailed("--pods, --services and --clients: at least 1");
    }
    var environment = Output.machine();
    environment.put("objects", pods + " pods, " + services + " services");
    environment.put("streams", clients);
    var results = new ControlPlaneRun(pods, services, clients).execute();
    output.print(environment, results, table(results));
    return 0;
  }

  private static String table(List<Map<String, Object>> results) {
    var out = new StringBuilder("| Figure | Unit | Value | At most |\n|---|---|---|---|\n");
    results.forEach(
        row ->
            out.append(
                "| %s | %s | %s | %s |\n"
                    .formatted(
                        row.get("metric"),
                        row.get("unit"),
                        row.get("value"),
                        row.getOrDefault("at_most", ""))));
    return out.toString();
  }
}
