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
import org.jspecify.annotations.Nullable;

/// The endpoints of one service port that may be chosen now, by one snapshot. Pure.
final class Candidates {
  private Candidates() {}

  /// @return null when the service is not known
  static @Nullable List<Target> of(MeshSnapshot mesh, ServiceKey key, int port, Place here) {
    Service service = mesh.service(key);
    List<Endpoint> endpoints = mesh.endpoints(key);
    if (service == null && endpoints.isEmpty()) {
      return null;
    }
    LoadBalancing balancing = service == null ? LoadBalancing.PLAIN : service.balancing();
    int declared = service == null ? PortMap.ABSENT : service.ports().target(port);
    List<Endpoint> usable = new ArrayList<>();
    List<Target> targets = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      Target target =
          balancing.health().admits(endpoint.health()) ? target(endpoint, port, declared) : null;
      if (target != null) {
        usable.add(endpoint);
        targets.add(target);
      }
    }
    return preferred(balancing, usable, targets, here);
  }

  private static @Nullable Target target(Endpoint endpoint, int port, int declared) {
    int own = endpoint.ports().target(port);
    int target = own > 0 ? own : declared;
    return target > 0 ? of(endpoint.workload(), target) : null;
  }

  /// The workload's port as a target; null for a workload without an address.
  static @Nullable Target of(Workload workload, int port) {
    InetAddress address = address(workload);
    return address == null
        ? null
        : new Target(
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
