package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Workload;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The endpoints of one service port that may be chosen now, by one snapshot and what is known of
/// names. Pure but for the names that are asked for.
///
/// @param named whether some have only a name, so that they may be others the next time
/// @param unresolved a name that is being asked for; null: none
record Candidates(Tiers tiers, boolean named, @Nullable String unresolved) {

  /// @return null when the service is not known
  static @Nullable Candidates of(MeshSnapshot mesh, Destined to, Place here, HostNames names) {
    ServiceKey key = to.service();
    int port = to.port();
    Set<String> members = to.members();
    TrafficPolicy policy = to.policy();
    Service service = mesh.service(key);
    List<Endpoint> endpoints = mesh.endpoints(key);
    if (service == null && endpoints.isEmpty()) {
      return null;
    }
    LoadBalancing balancing = service == null ? LoadBalancing.PLAIN : service.balancing();
    int declared = service == null ? PortMap.ABSENT : service.ports().target(port);
    List<Target> targets = new ArrayList<>();
    boolean named = false;
    String unresolved = null;
    for (Endpoint endpoint : endpoints) {
      int target =
          balancing.health().admits(endpoint.health()) ? port(endpoint, port, declared) : 0;
      Workload workload = endpoint.workload();
      if (target <= 0 || (members != null && !members.contains(workload.uid()))) {
        continue;
      }
      if (workload.addresses().isEmpty() && !workload.hostname().isEmpty()) {
        named = true;
        switch (names.lookup(workload.hostname().toLowerCase(Locale.ROOT))) {
          case HostNames.Lookup.Known(var addresses) -> {
            for (InetAddress address : addresses) {
              targets.add(of(workload, address, target));
            }
          }
          case HostNames.Lookup.Pending() -> unresolved = workload.hostname();
          case HostNames.Lookup.Failed _ -> {}
        }
      } else {
        Target only = of(workload, target);
        if (only != null) {
          targets.add(only);
        }
      }
    }
    return new Candidates(
        Tiers.of(
            List.copyOf(targets), balancing, policy.locality(), policy.outliers() != null, here),
        named,
        unresolved == null ? null : unresolved.toLowerCase(Locale.ROOT));
  }

  private static int port(Endpoint endpoint, int port, int declared) {
    int own = endpoint.ports().target(port);
    return own > 0 ? own : declared;
  }

  /// The workload's port as a target; null for a workload without an address.
  static @Nullable Target of(Workload workload, int port) {
    InetAddress address = address(workload);
    return address == null ? null : of(workload, address, port);
  }

  static Target of(Workload workload, InetAddress address, int port) {
    return new Target(
        workload,
        new InetSocketAddress(address, port),
        workload.protocol() == TunnelProtocol.HBONE);
  }

  /// IPv4 first, as upstream does for tunnelled endpoints.
  private static @Nullable InetAddress address(Workload workload) {
    for (InetAddress address : workload.addresses()) {
      if (address instanceof Inet4Address) {
        return address;
      }
    }
    return workload.addresses().isEmpty() ? null : workload.addresses().getFirst();
  }
}
