package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.output.Format;
import dev.kiri.cli.output.Table;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `kirictl waypoint list`. The table shows the labels a user set, as upstream does; `-o json`
/// shows the traffic type that holds.
@Command(name = "list", description = "Lists waypoints.")
final class WaypointList implements Runnable {
  private final Kirictl root;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "of all namespaces")
  private boolean allNamespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "short",
      description = "short, json or yaml")
  private String output = "short";

  WaypointList(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    var format = Format.parse(output);
    var cluster = root.cluster();
    var gateways = cluster.list("Gateway", allNamespaces ? "" : root.namespace());
    var waypoints = Waypoints.among(gateways);
    root.print(
        switch (format) {
          case JSON, YAML ->
              format.text(waypoints.stream().map(gateway -> facts(cluster, gateway)).toList());
          case SHORT -> gateways.isEmpty() ? Waypoints.NONE_FOUND : table(waypoints);
        });
  }

  private String table(List<KubeObject> waypoints) {
    var header = new ArrayList<>(List.of("NAME", "REVISION", "TRAFFIC TYPE", "PROGRAMMED"));
    if (allNamespaces) {
      header.addFirst("NAMESPACE");
    }
    var table = new Table(Table.WIDE, header);
    for (var gateway : waypoints) {
      var row = new ArrayList<String>();
      if (allNamespaces) {
        row.add(gateway.namespace());
      }
      row.add(gateway.name());
      row.add(Waypoints.revision(gateway));
      row.add(gateway.labels().getOrDefault(Waypoints.FOR_LABEL, "none"));
      row.add(programmed(gateway));
      table.row(row);
    }
    return table.text();
  }

  private static Map<String, Object> facts(Cluster cluster, KubeObject gateway) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("namespace", gateway.namespace());
    facts.put("name", gateway.name());
    facts.put("class", Waypoints.gatewayClass(gateway));
    facts.put("revision", Waypoints.revision(gateway));
    facts.put("trafficType", effectiveTrafficType(cluster, gateway));
    facts.put("programmed", programmed(gateway));
    return facts;
  }

  private static String programmed(KubeObject gateway) {
    return Waypoints.programmed(gateway).map(Waypoints.Condition::status).orElse("False");
  }

  /// Its own label, else its class's, else services only.
  private static String effectiveTrafficType(Cluster cluster, KubeObject gateway) {
    var own = gateway.labels().get(Waypoints.FOR_LABEL);
    return own != null
        ? own
        : cluster
            .get(ObjectKey.of("GatewayClass", "", Waypoints.gatewayClass(gateway)))
            .map(gatewayClass -> gatewayClass.labels().get(Waypoints.FOR_LABEL))
            .orElse("service");
  }
}
