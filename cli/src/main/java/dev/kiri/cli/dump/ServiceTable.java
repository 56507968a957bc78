package dev.kiri.cli.dump;

import dev.kiri.cli.output.Table;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// The table of `ztunnel-config service`.
public final class ServiceTable {
  private static final List<String> HEADER =
      List.of("NAMESPACE", "SERVICE NAME", "SERVICE VIP", "WAYPOINT", "ENDPOINTS");

  private ServiceTable() {}

  public static String of(ConfigDump dump, String namespace) {
    var healthy = dump.healthyWorkloads();
    var table = new Table(Table.NARROW, HEADER);
    Element.inNamespace(dump.services(), namespace).stream()
        .sorted(
            Comparator.comparing((Element s) -> s.text("namespace"))
                .thenComparing(s -> s.text("name"))
                .thenComparing(s -> s.text("hostname")))
        .forEach(
            s -> {
              var endpoints = s.elements("endpoints");
              long up =
                  endpoints.stream().filter(e -> healthy.contains(e.text("workloadUid"))).count();
              table.row(
                  s.text("namespace"),
                  s.text("name"),
                  s.texts("vips").stream()
                      .map(ServiceTable::address)
                      .collect(Collectors.joining(",")),
                  dump.waypointName(s),
                  up + "/" + endpoints.size());
            });
    return table.text();
  }

  /// What stands behind the network in `network/address`.
  static String address(String vip) {
    return vip.substring(vip.indexOf('/') + 1);
  }
}
