package dev.kiri.ztunnel;

import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.IpPrefix;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WeightedWaypoint;
import dev.kiri.mesh.workload.WorkloadBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A mesh for tests, in which only what matters is said. Workloads live in namespace `ns`.
public final class TestMesh {
  private final List<MeshUpdate> updates = new ArrayList<>();

  public static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }

  public static InetSocketAddress at(String ip, int port) {
    return new InetSocketAddress(ip(ip), port);
  }

  /// A workload `name` in namespace `ns` with its own service account.
  public static WorkloadBuilder workload(String name, String... ips) {
    var addresses = new ArrayList<InetAddress>();
    for (var one : ips) {
      addresses.add(ip(one));
    }
    return new WorkloadBuilder("cluster1//v1/Pod/ns/" + name)
        .name("ns", name)
        .serviceAccount(name)
        .addresses(addresses);
  }

  /// The same, reached by tunnels.
  public static WorkloadBuilder captured(String name, String... ips) {
    return workload(name, ips).protocol(TunnelProtocol.HBONE);
  }

  public static GatewayAddress byAddress(String ip, int port) {
    return new GatewayAddress.ByAddress(new NetworkAddress("", ip(ip)), port);
  }

  public static GatewayAddress byHostname(String hostname, int port) {
    return new GatewayAddress.ByHostname(new ServiceKey("ns", hostname), port);
  }

  /// The key of service `name`, whose host name is `name.com`.
  public static ServiceKey key(String name) {
    return new ServiceKey("ns", name + ".com");
  }

  public TestMesh with(WorkloadBuilder workload) {
    updates.add(new MeshUpdate.PutWorkload(workload.build()));
    return this;
  }

  public TestMesh with(Service service) {
    updates.add(new MeshUpdate.PutService(service));
    return this;
  }

  public TestMesh with(L4Policy policy) {
    updates.add(new MeshUpdate.PutPolicy(policy));
    return this;
  }

  public MeshSnapshot snapshot() {
    return store().current();
  }

  public MeshStore store() {
    var store = new MeshStore();
    store.apply(updates);
    return store;
  }

  /// A service `name` with host name `name.com` and port 80 to 80.
  public static ServiceOf service(String name) {
    return new ServiceOf(name);
  }

  /// Makes a service out of what differs from the usual.
  public static final class ServiceOf {
    private final String name;
    private String namespace = "ns";
    private final List<NetworkAddress> vips = new ArrayList<>();
    private final List<CidrVip> cidrs = new ArrayList<>();
    private Map<Integer, Integer> ports = Map.of(80, 80);
    private List<String> identities = List.of();
    private @Nullable GatewayAddress waypoint;
    private List<WeightedWaypoint> weighted = List.of();
    private @Nullable LoadBalancing balancing;
    private IpFamilies families = IpFamilies.AUTOMATIC;
    private boolean canonical;
    private Visibility visibility = Visibility.PUBLIC;

    private ServiceOf(String name) {
      this.name = name;
    }

    public ServiceOf vip(String ip) {
      return vip("", ip);
    }

    public ServiceOf vip(String network, String ip) {
      vips.add(new NetworkAddress(network, ip(ip)));
      return this;
    }

    public ServiceOf cidr(String range) {
      cidrs.add(new CidrVip("", IpPrefix.parse(range)));
      return this;
    }

    public ServiceOf namespace(String other) {
      namespace = other;
      return this;
    }

    public ServiceOf port(int port, int target) {
      ports = Map.of(port, target);
      return this;
    }

    public ServiceOf identities(String... uris) {
      identities = List.of(uris);
      return this;
    }

    public ServiceOf waypoint(GatewayAddress address) {
      waypoint = address;
      return this;
    }

    public ServiceOf weighted(WeightedWaypoint... several) {
      weighted = List.of(several);
      return this;
    }

    public ServiceOf mode(LoadBalancing.Mode mode, LoadBalancing.Scope... scopes) {
      balancing = new LoadBalancing(List.of(scopes), mode, LoadBalancing.HealthPolicy.ONLY_HEALTHY);
      return this;
    }

    public ServiceOf families(IpFamilies of) {
      families = of;
      return this;
    }

    public ServiceOf visibility(Visibility of) {
      visibility = of;
      return this;
    }

    public Service build() {
      return new Service(
          name,
          namespace,
          name + ".com",
          vips,
          cidrs,
          PortMap.of(ports),
          identities,
          waypoint,
          weighted,
          balancing,
          families,
          canonical,
          visibility);
    }
  }
}
