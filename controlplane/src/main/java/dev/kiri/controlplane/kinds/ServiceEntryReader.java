package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.ServiceEntryObject.Allocated;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Port;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Resolution;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads and checks ServiceEntries. Stateless.
final class ServiceEntryReader {
  private static final List<String> RESOLUTIONS =
      List.of("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS");

  private ServiceEntryReader() {}

  static ServiceEntryObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    Resolution resolution = Resolution.valueOf(spec.choice("resolution", "NONE", RESOLUTIONS));
    Map<String, String> selector = Map.of();
    if (spec.has("workloadSelector")) {
      Fields fields = spec.child("workloadSelector");
      selector = fields.stringMap("labels");
      fields.done();
    }
    ServiceEntryObject read =
        new ServiceEntryObject(
            meta,
            hosts(spec),
            addresses(spec),
            spec.list("ports", ServiceEntryReader::port),
            resolution,
            spec.list("endpoints", WorkloadEndpoint::read),
            selector,
            spec.strings("subjectAltNames"),
            allocated(top.child("status")));
    spec.choice("location", "MESH_EXTERNAL", List.of("MESH_EXTERNAL", "MESH_INTERNAL"));
    spec.ignore("exportTo", "workloadSelector");
    spec.done();
    together(read, spec);
    return read;
  }

  private static List<String> hosts(Fields spec) {
    List<String> hosts = spec.strings("hosts");
    if (hosts.isEmpty()) {
      spec.error("hosts", "nothing", "at least one host name (required)");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < hosts.size(); i++) {
      String host = hosts.get(i);
      String where = spec.at("hosts") + "[" + i + "]";
      if (!HostName.isSoundOrWildcard(host)) {
        spec.problems()
            .error(where, Fields.show(host), "a DNS name, or *. and a DNS name (not * alone)");
      } else if (!seen.add(host)) {
        spec.problems().error(where, Fields.show(host) + " twice", "each host once");
      }
    }
    return hosts;
  }

  private static List<IpBlock> addresses(Fields spec) {
    List<IpBlock> blocks = new ArrayList<>();
    int i = 0;
    for (String text : spec.strings("addresses")) {
      String where = spec.at("addresses") + "[" + i++ + "]";
      IpBlock.parse(text)
          .ifPresentOrElse(
              blocks::add,
              () ->
                  spec.problems()
                      .error(
                          where,
                          Fields.show(text),
                          "an IP address or a block such as 10.1.0.0/16"));
    }
    return List.copyOf(blocks);
  }

  private static Port port(Fields port) {
    int number = (int) port.number("number", 0, 1, 65535);
    if (!port.has("number")) {
      port.error("number", "nothing", "a port number from 1 to 65535 (required)");
    }
    Port read =
        new Port(
            port.required("name"),
            number,
            (int) port.number("targetPort", number, 1, 65535),
            port.stringOr("protocol", ""));
    port.done();
    return read;
  }

  private static List<Allocated> allocated(Fields status) {
    return status
        .list(
            "addresses",
            one ->
                IpBlock.parse(one.stringOr("value", ""))
                    .filter(IpBlock::isSingle)
                    .map(ip -> new Allocated(one.stringOr("host", ""), ip))
                    .stream()
                    .toList())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  /// What fields say about each other.
  private static void together(ServiceEntryObject entry, Fields spec) {
    Problems problems = spec.problems();
    if (!entry.selector().isEmpty() && !entry.endpoints().isEmpty()) {
      problems.error(spec.at("workloadSelector"), "a selector beside endpoints", "one of the two");
    }
    if (entry.resolution() == Resolution.NONE && !entry.endpoints().isEmpty()) {
      problems.error(
          spec.at("endpoints"),
          "endpoints with resolution NONE",
          "resolution STATIC or DNS, or no endpoints");
    }
    boolean blocks = entry.addresses().stream().anyMatch(block -> !block.isSingle());
    if (blocks && entry.resolution().byName()) {
      problems.error(
          spec.at("addresses"),
          "a block with resolution " + entry.resolution(),
          "single addresses, or resolution NONE or STATIC");
    }
    boolean wildcard = entry.hosts().stream().anyMatch(host -> host.startsWith("*"));
    if (wildcard
        && entry.endpoints().isEmpty()
        && entry.resolution().byName()
        && entry.resolution() != Resolution.DYNAMIC_DNS) {
      problems.error(
          spec.at("hosts"),
          "a wildcard host with resolution " + entry.resolution() + " and no endpoints",
          "resolution DYNAMIC_DNS or NONE, or endpoints");
    }
    Set<Object> seen = new HashSet<>();
    for (int i = 0; i < entry.ports().size(); i++) {
      Port port = entry.ports().get(i);
      boolean newNumber = seen.add(port.number());
      boolean newName = seen.add(port.name());
      if (!newNumber || !newName) {
        problems.error(
            spec.at("ports") + "[" + i + "]",
            "port " + port.number() + " named " + Fields.show(port.name()) + " again",
            "each number and each name once");
      }
    }
    for (int i = 0; i < entry.endpoints().size(); i++) {
      WorkloadEndpoint endpoint = entry.endpoints().get(i);
      boolean address = endpoint.ip() != null;
      if (endpoint.address().isEmpty() || (entry.resolution() == Resolution.STATIC && !address)) {
        problems.error(
            spec.at("endpoints") + "[" + i + "].address",
            Fields.show(endpoint.address()),
            entry.resolution() == Resolution.STATIC
                ? "an IP address (resolution is STATIC)"
                : "an IP address or a DNS name (required)");
      }
    }
  }
}
