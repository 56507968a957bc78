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
import org.jspecify.annotations.Nullable;

/// The endpoints of one service port that may be chosen now, by one snapshot and what is known of
/// names. Pure but for the names that are asked for.
///
/// @param named whether some have only a name, so that they may be others the next time
/// @param unresolved a name that is being asked for; null: none
record Candidates(List<Target> targets, boolean named, @Nullable String unresolved) {

  /// @return null when the service is not known
  static @Nullable Candidates of(
      MeshSnapshot mesh, ServiceKey key, int port, Place here, HostNames names) {
    Service service = mesh.service(key);
    List<Endpoint> endpoints = mesh.endpoints(key);
    if (service == null && endpoints.isEmpty()) {
      return null;
    }
    LoadBalancing balancing = service == null ? LoadBalancing.PLAIN : service.balancing();
    int declared = service == null ? PortMap.ABSENT : service.ports().target(port);
    List<Endpoint> usable = new ArrayList<>();
    List<Target> targets = new ArrayList<>();
    boolean named = false;
    String unresolved = null;
    for (Endpoint endpoint : endpoints) {
      int target =
          balancing.health().admits(endpoint.health()) ? port(endpoint, port, declared) : 0;
      Workload workload = endpoint.workload();
      if (target <= 0) {
        continue;
      }
      if (workload.addresses().isEmpty() && !workload.hostname().isEmpty()) {
        named = true;
        switch (names.lookup(workload.hostname().toLowerCase(Locale.ROOT))) {
          case HostNames.Lookup.Known(var addresses) -> {
            for (InetAddress address : addresses) {
              usable.add(endpoint);
              targets.add(of(workload, address, target));
            }
          }
          case HostNames.Lookup.Pending() -> unresolved = workload.hostname();
          case HostNames.Lookup.Failed _ -> {}
        }
      } else {
        Target only = of(workload, target);
        if (only != null) {
          usable.add(endpoint);
          targets.add(only);
        }
      }
    }
    return new Candidates(
        preferred(balancing, usable, targets, here),
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

  private static List<Target> preferred(
      LoadBalancing balancing, List<Endpoint> endpoints, List<Target> targets, Place here) {
    List<LoadBalancing.Scope> preferences = balancing.preferences();
    boolean ranked =
        balancing.mode() == LoadBalancing.Mode.FAILOVER
            || balancing.mode() == LoadBalancing.Mode.STRICT;
    if (!ranked || preferences.isEmpty()) {
      return List.copyOf(targets);
    }
    int best = 0;
    int[] ranks = new int[targets.size()];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = rank(preferences, endpoints.get(i).workload(), here);
      best = Math.max(best, ranks[i]);
    }
    int wanted = balancing.mode() == LoadBalancing.Mode.STRICT ? preferences.size() : best;
    List<Target> group = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      if (ranks[i] == wanted) {
        group.add(targets.get(i));
      }
    }
    return List.copyOf(group);
  }

  /// How many preferences hold, counted from the most important one until the first that does not.
  private static int rank(List<LoadBalancing.Scope> preferences, Workload workload, Place here) {
    int rank = 0;
    for (LoadBalancing.Scope scope : preferences) {
      if (!shared(scope, workload, here)) {
        break;
      }
      rank++;
    }
    return rank;
  }

  private static boolean shared(LoadBalancing.Scope scope, Workload workload, Place here) {
    return switch (scope) {
      case REGION -> workload.locality().region().equals(here.locality().region());
      case ZONE -> workload.locality().zone().equals(here.locality().zone());
      case SUBZONE -> workload.locality().subzone().equals(here.locality().subzone());
      case NODE -> workload.node().equals(here.node());
      case CLUSTER -> workload.clusterId().equals(here.cluster());
      case NETWORK -> workload.network().equals(here.network());
    };
  }
}
