package dev.kiri.bench.controlplane;

import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

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

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "md",
      description = "md or json (default: ${DEFAULT-VALUE})")
  private String output = "md";

  @Override
  public Integer call() throws Exception {
    if (!output.equals("md") && !output.equals("json")) {
      throw new PlaneFailed("--output " + output + ": accepted are md and json");
    }
    if (pods < 1 || services < 1 || clients < 1) {
      throw new PlaneFailed("--pods, --services and --clients: at least 1");
    }
    var environment = new LinkedHashMap<String, Object>();
    environment.put("kernel", System.getProperty("os.version"));
    environment.put("cpus", Runtime.getRuntime().availableProcessors());
    environment.put("jdk", System.getProperty("java.runtime.version"));
    environment.put("objects", pods + " pods, " + services + " services");
    environment.put("streams", clients);
    var results = new ControlPlaneRun(pods, services, clients).execute();
    if (output.equals("json")) {
      var document = new LinkedHashMap<String, Object>();
      document.put("environment", environment);
      document.put("results", results);
      System.out.println(
          JsonMapper.builder()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsString(document));
    } else {
      environment.forEach((key, value) -> System.out.println("- " + key + ": " + value));
      System.out.println("\n| Figure | Unit | Value | At most |\n|---|---|---|---|");
      results.forEach(
          row ->
              System.out.println(
                  "| "
                      + row.get("metric")
                      + " | "
                      + row.get("unit")
                      + " | "
                      + row.get("value")
                      + " | "
                      + row.getOrDefault("at_most", "")
                      + " |"));
    }
    return 0;
  }
}
