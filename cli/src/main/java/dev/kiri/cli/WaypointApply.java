package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `kirictl waypoint apply`: creates or changes a waypoint, waits for it, enrols its namespace.
@Command(name = "apply", description = "Creates or changes a waypoint.")
final class WaypointApply implements Runnable {
  private static final Duration POLL = Duration.ofMillis(250);

  private final Kirictl root;

  @Mixin private WaypointFlags flags = new WaypointFlags();

  @Option(
      names = "--enroll-namespace",
      description = "send the traffic of the whole namespace through it")
  private boolean enroll;

  @Option(names = "--overwrite", description = "also where the namespace uses a waypoint already")
  private boolean overwrite;

  @Option(
      names = {"-w", "--wait"},
      arity = "0..1",
      fallbackValue = "true",
      description = "wait until the waypoint is programmed")
  private boolean await;

  @Option(
      names = "--waypoint-timeout",
      paramLabel = "DURATION",
      defaultValue = "90s",
      description = "how long to wait (default: ${DEFAULT-VALUE})")
  private Duration timeout = Duration.ofSeconds(90);

  WaypointApply(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var cluster = root.cluster();
    var namespace = root.namespace();
    var labels = namespace(cluster, namespace).labels();

    if (enroll && !overwrite && !labels.getOrDefault(Waypoints.USE_LABEL, "").isEmpty()) {
      root.print(
          "⚠️ Warning: namespace ("
              + namespace
              + ") already has an enrolled Waypoint. Consider adding the `--overwrite` flag to"
              + " your apply command.\n");
      return;
    }
    if (enroll && !"ambient".equals(labels.get("istio.io/dataplane-mode"))) {
      root.print(
          "⚠️ Warning: namespace is not enrolled in ambient. Consider running\t`kubectl label"
              + " namespace "
              + namespace
              + " istio.io/dataplane-mode=ambient`\n");
    }
    var gateway = flags.gateway(namespace);
    cluster.apply(gateway).forEach(warning -> root.print("Warning: " + warning + "\n"));
    root.print("✅ waypoint " + Waypoints.fullName(gateway) + " applied\n");
    if (await) {
      awaitProgrammed(cluster, gateway.key());
    }
    if (enroll) {
      label(cluster, namespace);
    }
  }

  private static KubeObject namespace(Cluster cluster, String name) {
    return cluster
        .get(ObjectKey.of("Namespace", "", name))
        .orElseThrow(() -> CommandFailed.because("namespace: " + name + " not found"));
  }

  private void awaitProgrammed(Cluster cluster, ObjectKey key) {
    var waiting = new Waiting(root.surroundings(), timeout, POLL);
    var name = key.namespace() + "/" + key.name();
    while (true) {
      var gateway = cluster.get(key);
      if (gateway.filter(Waypoints::isProgrammed).isPresent()) {
        root.print("✅ waypoint " + name + " is ready!\n");
        return;
      }
      if (!waiting.goOn()) {
        var last = gateway.flatMap(Waypoints::telling).map(c -> ": " + c).orElse("");
        throw CommandFailed.because("timed out while waiting for waypoint\t" + name + last);
      }
    }
  }

  private void label(Cluster cluster, String name) {
    try {
      var labelled =
          namespace(cluster, name)
              .with(flags.name(), "metadata", "labels", Waypoints.USE_LABEL)
              .with(null, "status");
      cluster.apply(labelled);
    } catch (MeshException problem) {
      throw CommandFailed.because(
          "failed to label namespace with waypoint: failed to update namespace "
              + name
              + ": "
              + problem.getMessage());
    }
    root.print(
        "✅ namespace " + name + " labeled with \"istio.io/use-waypoint: " + flags.name() + "\"\n");
  }
}
