package dev.kiri.cli.dump;

import dev.kiri.cli.output.Table;
import java.util.Comparator;
import java.util.List;

/// The table of `ztunnel-config workload`.
public final class WorkloadTable {
  private static final List<String> HEADER =
      List.of("NAMESPACE", "POD NAME", "ADDRESS", "NODE", "WAYPOINT", "PROTOCOL");

  private WorkloadTable() {}

  /// Which workloads to show. An empty text lets all through; case does not matter.
  public record Filter(String address, String namespace, String node) {
    public static final Filter ALL = new Filter("", "", "");

    public List<Element> of(ConfigDump dump) {
      return dump.workloads().stream().filter(this::lets).toList();
    }

    private boolean lets(Element workload) {
      return (address.isEmpty()
              || workload.texts("workloadIps").stream().anyMatch(address::equalsIgnoreCase))
          && (namespace.isEmpty() || namespace.equalsIgnoreCase(workload.text("namespace")))
          && (node.isEmpty() || node.equalsIgnoreCase(workload.text("node")));
    }
  }

  public static String of(ConfigDump dump, Filter filter) {
    var table = new Table(Table.NARROW, HEADER);
    filter.of(dump).stream()
        .sorted(
            Comparator.comparing((Element w) -> w.text("namespace") + "." + w.text("name"))
                .thenComparing(w -> w.text("node")))
        .forEach(
            w ->
                table.row(
                    w.text("namespace"),
                    w.text("name"),
                    address(w),
                    w.text("node"),
                    dump.waypointName(w),
                    w.text("protocol")));
    return table.text();
  }

  private static String address(Element workload) {
    var addresses = workload.texts("workloadIps");
    return addresses.isEmpty() ? workload.text("hostname") : String.join(",", addresses);
  }
}
