package dev.kiri.mesh.testing;

import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.IpPrefix;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WorkloadBuilder;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// Short ways to make workloads and services in tests.
public final class Meshes {
  private Meshes() {}

  public static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  /// A captured pod of cluster `Kubernetes`, with a service account of its own name.
  public static WorkloadBuilder pod(String namespace, String name, String... ips) {
    return new WorkloadBuilder("Kubernetes//Pod/" + namespace + "/" + name)
        .name(namespace, name)
        .serviceAccount(name)
        .protocol(TunnelProtocol.HBONE)
        .addresses(List.of(ips).stream().map(Meshes::ip).toList());
  }

  public static ServiceKey key(String namespace, String name) {
    return new ServiceKey(namespace, name + "." + namespace + ".svc.cluster.local");
  }

  /// A public service that is not canonical, with port 80 to 8080.
  ///
  /// @param vips `ip` in the default network, `network/ip`, or either with a prefix length
  public static Service service(ServiceKey key, String... vips) {
    return service(key, false, Visibility.PUBLIC, vips);
  }

  public static Service service(
      ServiceKey key, boolean canonical, Visibility visibility, String... vips) {
    var hosts = new ArrayList<NetworkAddress>();
    var ranges = new ArrayList<CidrVip>();
    for (String vip : vips) {
      int first = vip.indexOf('/');
      boolean named = first >= 0 && !Character.isDigit(vip.charAt(0)) && vip.charAt(0) != ':';
      String network = named ? vip.substring(0, first) : "";
      String address = named ? vip.substring(first + 1) : vip;
      if (address.contains("/")) {
        ranges.add(new CidrVip(network, IpPrefix.parse(address)));
      } else {
        hosts.add(new NetworkAddress(network, ip(address)));
      }
    }
    return new Service(
        key.hostname().split("\\.")[0],
        key.namespace(),
        key.hostname(),
        hosts,
        ranges,
        PortMap.of(80, 8080),
        List.of(),
        null,
        List.of(),
        null,
        IpFamilies.AUTOMATIC,
        canonical,
        visibility);
  }
}
