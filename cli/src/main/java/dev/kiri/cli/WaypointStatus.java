package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.cli.output.Format;
import dev.kiri.cli.output.Table;
import dev.kiri.local.store.KubeObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `kirictl waypoint status`: one row a waypoint once all are programmed; what is still missing
/// goes to standard error in the meantime. When the time is over the table shows how far they came.
@Command(name = "status", description = "Shows whether waypoints are programmed, and why not.")
final class WaypointStatus implements Runnable {
  private static final Duration POLL = Duration.ofMillis(250);

  private final Kirictl root;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "of all namespaces")
  private boolean allNamespaces;

  @Option(
      names = {"-w", "--wait"},
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      paramLabel = "BOOLEAN",
      description = "wait until they are programmed (default: true)")
  private boolean await = true;

  @Option(
      names = "--waypoint-timeout",
      paramLabel = "DURATION",
      defaultValue = "90s",
      description = "how long to wait (default: ${DEFAULT-VALUE})")
  private Duration timeout = Duration.ofSeconds(90);

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "short",
      description = "short, json or yaml; the latter two show all conditions")
  private String output = "short";

  WaypointStatus(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = Format.parse(output);
    var cluster = root.cluster();
    var gateways = gateways(cluster);
    if (gateways.isEmpty() && format == Format.SHORT) {
      root.print(Waypoints.NONE_FOUND);
      return;
    }
    var waypoints = await ? awaitProgrammed(cluster) : Waypoints.among(gateways);
    root.print(
        switch (format) {
          case JSON, YAML -> format.text(waypoints.stream().map(WaypointStatus::facts).toList());
          case SHORT -> table(waypoints);
        });
    firstMissing(waypoints)
        .filter(_ -> await)
        .ifPresent(
            gateway -> {
              throw CommandFailed.because(
                  "failed to print waypoint status: timed out while retrieving status for"
                      + " waypoint\t"
                      + Waypoints.fullName(gateway));
            });
  }

  private List<KubeObject> gateways(Cluster cluster) {
    return cluster.list("Gateway", allNamespaces ? "" : root.namespace());
  }

  private static Optional<KubeObject> firstMissing(List<KubeObject> waypoints) {
    return waypoints.stream().filter(gateway -> !Waypoints.isProgrammed(gateway)).findFirst();
  }

  private List<KubeObject> awaitProgrammed(Cluster cluster) {
    var waiting = new Waiting(root.surroundings(), timeout, POLL);
    Set<String> told = new LinkedHashSet<>();
    while (true) {
      var waypoints = Waypoints.among(gateways(cluster));
      if (firstMissing(waypoints).isEmpty() || !waiting.goOn()) {
        return waypoints;
      }
      for (var gateway : waypoints) {
        var state = Waypoints.telling(gateway).map(Object::toString).orElse("no status yet");
        var line = "waiting for waypoint " + Waypoints.fullName(gateway) + ": " + state;
        if (!Waypoints.isProgrammed(gateway) && told.add(line)) {
          root.progress(line);
        }
      }
    }
  }

  private String table(List<KubeObject> waypoints) {
    var header = new ArrayList<>(List.of("NAME", "STATUS", "TYPE", "REASON", "MESSAGE"));
    if (allNamespaces) {
      header.addFirst("NAMESPACE");
    }
    var table = new Table(Table.WIDE, header);
    for (var gateway : waypoints) {
      var condition =
          Waypoints.telling(gateway)
              .orElse(
                  new Waypoints.Condition(
                      "Programmed", "Unknown", "Pending", "Waiting for controller"));
      var row = new ArrayList<String>();
      if (allNamespaces) {
        row.add(gateway.namespace());
      }
      row.add(gateway.name());
      row.addAll(
          List.of(condition.status(), condition.type(), condition.reason(), condition.message()));
      table.row(row);
    }
    return table.text();
  }

  private static Map<String, Object> facts(KubeObject gateway) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("namespace", gateway.namespace());
    facts.put("name", gateway.name());
    facts.put("conditions", gateway.maps("status", "conditions"));
    facts.put("addresses", gateway.maps("status", "addresses"));
    return facts;
  }
}
