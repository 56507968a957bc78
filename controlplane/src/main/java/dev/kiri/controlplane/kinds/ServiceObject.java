package dev.kiri.controlplane.kinds;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A Service: virtual addresses, ports, selector and traffic preferences.
///
/// @param clusterIps without `None` and empty entries; empty for a headless service
public record ServiceObject(
    Meta meta,
    String type,
    List<InetAddress> clusterIps,
    boolean headless,
    Map<String, String> selector,
    List<Port> ports,
    List<String> ipFamilies,
    boolean internalTrafficLocal,
    String trafficDistribution,
    boolean publishNotReadyAddresses)
    implements MeshObject {
  /// A service port. `targetNumber` is 0 where the target is named; `targetName` is null where it
  /// is a number or omitted.
  public record Port(
      String name,
      int port,
      int targetNumber,
      @Nullable String targetName,
      String protocol,
      @Nullable String appProtocol) {}

  @Override
  public Kind kind() {
    return Kind.SERVICE;
  }

  /// The port of that number, if the service has it.
  public Optional<Port> port(int number) {
    return ports.stream().filter(p -> p.port() == number).findFirst();
  }

  static ServiceObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    String type =
        spec.choice(
            "type", "ClusterIP", List.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"));
    List<String> ips = new ArrayList<>(spec.strings("clusterIPs"));
    String single = spec.stringOr("clusterIP", "");
    if (ips.isEmpty()) {
      ips.add(single);
    }
    boolean headless = ips.contains("None");
    List<InetAddress> addresses = new ArrayList<>();
    for (String ip : ips) {
      if (ip.isEmpty() || ip.equals("None")) {
        continue;
      }
      var parsed = IpBlock.parse(ip);
      if (parsed.isEmpty() || !parsed.get().isSingle()) {
        spec.error("clusterIPs", Fields.show(ip), "an IP address or None");
      } else {
        addresses.add(parsed.get().address());
      }
    }
    ServiceObject read =
        new ServiceObject(
            meta,
            type,
            List.copyOf(addresses),
            headless,
            spec.stringMap("selector"),
            spec.list("ports", ServiceObject::port),
            spec.strings("ipFamilies"),
            spec.choice("internalTrafficPolicy", "Cluster", List.of("Cluster", "Local"))
                .equals("Local"),
            spec.stringOr("trafficDistribution", ""),
            spec.bool("publishNotReadyAddresses", false));
    spec.ignore(
        "externalName",
        "externalIPs",
        "externalTrafficPolicy",
        "healthCheckNodePort",
        "ipFamilyPolicy",
        "loadBalancerClass",
        "loadBalancerIP",
        "loadBalancerSourceRanges",
        "allocateLoadBalancerNodePorts",
        "sessionAffinity",
        "sessionAffinityConfig");
    spec.done();
    return read;
  }

  private static Port port(Fields port) {
    int number = (int) port.number("port", 0, 1, 65535);
    if (!port.has("port")) {
      port.error("port", "nothing", "a port number from 1 to 65535 (required)");
    }
    int targetNumber = number;
    String targetName = null;
    if (port.raw("targetPort") instanceof String name) {
      targetName = name;
      targetNumber = 0;
    } else {
      targetNumber = (int) port.number("targetPort", number, 1, 65535);
    }
    Port read =
        new Port(
            port.stringOr("name", ""),
            number,
            targetNumber,
            targetName,
            port.choice("protocol", "TCP", List.of("TCP", "UDP", "SCTP")),
            port.string("appProtocol"));
    port.ignore("nodePort");
    port.done();
    return read;
  }
}
