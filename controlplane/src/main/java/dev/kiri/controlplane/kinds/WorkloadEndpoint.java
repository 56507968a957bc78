package dev.kiri.controlplane.kinds;

import java.net.InetAddress;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Where a workload outside Kubernetes is reached: the fields that a WorkloadEntry and an endpoint
/// of a ServiceEntry share.
///
/// @param address an IP address or a host name; empty where there is none
/// @param ports port numbers by the name of a service port
/// @param network empty for the network of the cluster
/// @param locality `region/zone/subzone`, each part optional
/// @param weight 0 where absent
public record WorkloadEndpoint(
    String address,
    Map<String, Integer> ports,
    Map<String, String> labels,
    String network,
    String locality,
    int weight,
    String serviceAccount) {
  /// The address as an IP address; null where it is a host name or empty.
  public @Nullable InetAddress ip() {
    return IpBlock.parse(address).filter(IpBlock::isSingle).map(IpBlock::address).orElse(null);
  }

  static WorkloadEndpoint read(Fields fields) {
    String address = fields.stringOr("address", "");
    if (!address.isEmpty() && IpBlock.parse(address).isEmpty() && !HostName.isSound(address)) {
      fields.error("address", Fields.show(address), "an IP address or a DNS name");
    }
    WorkloadEndpoint read =
        new WorkloadEndpoint(
            address,
            ports(fields),
            fields.stringMap("labels"),
            fields.stringOr("network", ""),
            fields.stringOr("locality", ""),
            (int) fields.number("weight", 0, 0, Integer.MAX_VALUE),
            fields.stringOr("serviceAccount", ""));
    fields.done();
    return read;
  }

  private static Map<String, Integer> ports(Fields fields) {
    Map<String, Integer> ports = new TreeMap<>();
    if (fields.raw("ports") instanceof Map<?, ?> named) {
      Fields child = fields.child("ports");
      for (Object name : named.keySet()) {
        String text = String.valueOf(name);
        int number = (int) child.number(text, 0, 1, 65535);
        if (number > 0) {
          ports.put(text, number);
        }
      }
    } else {
      fields.child("ports");
    }
    return Map.copyOf(ports);
  }
}
