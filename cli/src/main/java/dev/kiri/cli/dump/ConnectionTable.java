package dev.kiri.cli.dump;

import dev.kiri.cli.output.Table;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The table of `ztunnel-config connections`.
public final class ConnectionTable {
  private static final List<String> HEADER =
      List.of("WORKLOAD", "DIRECTION", "LOCAL", "REMOTE", "REMOTE TARGET", "PROTOCOL");

  private final Names names;
  private final Filter filter;
  private final Table table = new Table(Table.NARROW, HEADER);

  private ConnectionTable(Names names, Filter filter) {
    this.names = names;
    this.filter = filter;
  }

  /// Which way a connection goes, seen from the workload.
  public enum Direction {
    INBOUND,
    OUTBOUND,
    BOTH
  }

  /// Which connections to show; an empty namespace lets all through.
  public record Filter(Direction direction, String namespace) {
    public static final Filter ALL = new Filter(Direction.BOTH, "");

    boolean inbound() {
      return direction != Direction.OUTBOUND;
    }

    boolean outbound() {
      return direction != Direction.INBOUND;
    }

    /// The states of the workloads it lets through, with the connections it lets through.
    public List<Element> of(ConfigDump dump) {
      return dump.states().stream()
          .filter(s -> namespace.isEmpty() || namespace.equals(infoText(s, "namespace")))
          .map(this::reduced)
          .toList();
    }

    private Element reduced(Element state) {
      var connections = state.element("connections");
      if (direction == Direction.BOTH || connections.fields().isEmpty()) {
        return state;
      }
      var hidden = inbound() ? "outbound" : "inbound";
      return state.with("connections", connections.with(hidden, List.of()).fields());
    }
  }

  /// @param raw leave addresses as they are instead of naming services and workloads
  public static String of(ConfigDump dump, Filter filter, boolean raw) {
    var connections = new ConnectionTable(raw ? Names.NONE : Names.of(dump), filter);
    filter.of(dump).stream()
        .sorted(
            Comparator.comparing((Element s) -> infoText(s, "namespace"))
                .thenComparing(s -> infoText(s, "name")))
        .forEach(connections::add);
    return connections.table.text();
  }

  private static String infoText(Element state, String key) {
    return state.element("info").text(key);
  }

  private void add(Element state) {
    var workload = infoText(state, "name") + "." + infoText(state, "namespace");
    var connections = state.element("connections");
    if (filter.inbound()) {
      for (var c : connections.elements("inbound")) {
        table.row(
            workload,
            "Inbound",
            names.of(c.text("actualDst")),
            names.of(c.text("src")),
            c.text("originalDst"), // a host name, or nothing: never translated
            c.text("protocol"));
      }
    }
    if (filter.outbound()) {
      for (var c : connections.elements("outbound")) {
        table.row(
            workload,
            "Outbound",
            names.of(c.text("src")),
            names.of(c.text("actualDst")),
            names.of(c.text("originalDst")),
            c.text("protocol"));
      }
    }
  }

  /// Names for addresses: a service's host name, else a workload's `name.namespace`.
  private record Names(Map<String, String> byAddress) {
    private static final Names NONE = new Names(Map.of());

    private static Names of(ConfigDump dump) {
      var names = new HashMap<String, String>();
      for (var workload : dump.workloads()) {
        var name = workload.text("name") + "." + workload.text("namespace");
        put(names, workload.texts("workloadIps").stream(), name);
      }
      for (var service : dump.services()) {
        var vips = service.texts("vips").stream().map(ServiceTable::address);
        put(names, vips, service.text("hostname"));
      }
      return new Names(names);
    }

    private static void put(Map<String, String> names, Stream<String> addresses, String name) {
      addresses.filter(address -> !address.isEmpty()).forEach(a -> names.put(a, name));
    }

    /// `10.0.0.1:80` and `[fd00::1]:80` with the address named, if anything has that address.
    private String of(String socketAddress) {
      int colon = socketAddress.lastIndexOf(':');
      if (colon < 0) {
        return socketAddress;
      }
      var address = socketAddress.substring(0, colon);
      if (address.startsWith("[") && address.endsWith("]")) {
        address = address.substring(1, address.length() - 1);
      }
      var name = byAddress.get(address);
      return name == null ? socketAddress : name + socketAddress.substring(colon);
    }
  }
}
