package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.mesh.workload.WorkloadBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Services whose endpoint is what the client asked for: the address it dialled (`resolution:
/// NONE`), or the name it named under a wildcard (`DYNAMIC_DNS`; waypoint reference 15.3).
/// Stateless.
final class Outside {
  private Outside() {}

  static boolean concerns(MeshSnapshot mesh, Service service) {
    return service.balancing().mode() == LoadBalancing.Mode.PASSTHROUGH
        || (service.hostname().startsWith("*.")
            && mesh.endpoints(service.key()).stream()
                .anyMatch(endpoint -> endpoint.workload().hostname().startsWith("*.")));
  }

  static TargetChoice choose(
      MeshSnapshot mesh, Service service, int port, Asked asked, String network, HostNames names) {
    return service.balancing().mode() == LoadBalancing.Mode.PASSTHROUGH
        ? dialled(mesh, service, asked.dialled(), network)
        : named(service, port, asked.host(), names);
  }

  /// What is known at that address counts: a tunnel, an identity.
  private static TargetChoice dialled(
      MeshSnapshot mesh, Service service, @Nullable InetSocketAddress address, String network) {
    InetAddress ip = address == null ? null : address.getAddress();
    if (address == null || ip == null) {
      return new TargetChoice.NoneHealthy();
    }
    Workload known = mesh.workloadByAddress(network, ip);
    return new TargetChoice.Chosen(
        Candidates.of(
            known == null ? stranger(service, ip.getHostAddress()) : known, ip, address.getPort()));
  }

  private static TargetChoice named(
      Service service, int port, @Nullable String host, HostNames names) {
    if (host == null || !Hosts.covers(service.hostname(), host)) {
      return new TargetChoice.Misdirected();
    }
    int declared = service.ports().target(port);
    int target = declared == PortMap.ABSENT || declared == 0 ? port : declared;
    return switch (names.lookup(host)) {
      case HostNames.Lookup.Pending() -> new TargetChoice.Unresolved(host);
      case HostNames.Lookup.Failed(String why) -> new TargetChoice.NotResolved(host, why);
      case HostNames.Lookup.Known(var addresses) ->
          new TargetChoice.Chosen(
              Candidates.of(
                  stranger(service, host),
                  addresses.get(ThreadLocalRandom.current().nextInt(addresses.size())),
                  target));
    };
  }

  /// Nobody has described what is there.
  private static Workload stranger(Service service, String what) {
    return new WorkloadBuilder("outside/" + service.key() + "/" + what)
        .name(service.namespace(), service.name())
        .build();
  }
}
