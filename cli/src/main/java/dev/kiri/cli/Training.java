package dev.kiri.cli;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/// What a training run for the start-up cache exercises: commands that need no mesh.
final class Training {
  private static final String DUMP =
      """
      {"workloads": [{"uid": "a", "name": "a", "namespace": "b", "workloadIps": ["192.0.2.1"]}],
       "services": [{"name": "s", "namespace": "b", "vips": ["/192.0.2.2"], "endpoints": {}}],
       "policies": [{"name": "p", "namespace": "b", "rules": [[[{"destinationPorts": [80]}]]]}],
       "certificates": [{"identity": "spiffe://t/ns/b/sa/c", "state": "Initializing"}],
       "workloadState": {}}
      """;

  private Training() {}

  static void run() {
    run("--help");
    run("waypoint", "generate", "--for", "all", "-n", "shop");
    run("ztunnel-config", "all", "--file", "-");
    run("ztunnel-config", "workload", "--file", "-", "-o", "json");
    run("ztunnel-config", "policy", "--file", "-", "-o", "yaml");
  }

  private static void run(String... arguments) {
    var surroundings =
        new Surroundings(
            name -> {
              throw new IllegalStateException("training asked for mesh " + name);
            },
            Clock.systemUTC(),
            Thread::sleep,
            new ByteArrayInputStream(DUMP.getBytes(StandardCharsets.UTF_8)));
    var line = Kirictl.commandLine(surroundings);
    line.setOut(new PrintWriter(new StringWriter()));
    int code = line.execute(arguments);
    if (code != 0) {
      throw new IllegalStateException(String.join(" ", arguments) + " ended with " + code);
    }
  }
}
