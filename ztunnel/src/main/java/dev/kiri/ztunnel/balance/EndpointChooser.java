package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses an endpoint of a service for one connection. Pure but for the random source; as
/// thread-safe as that is.
///
/// Order: endpoints that can take the connection at all, those not ejected (all, if all are), the
/// group with the best rank for the service's mode, then one of them at random by capacity.
public final class EndpointChooser {
  private final RandomGenerator random;
  private final Ejections ejections;

  public EndpointChooser(RandomGenerator random, Ejections ejections) {
    this.random = random;
    this.ejections = ejections;
  }

  /// Null when the service has no endpoint for this port and client, or is not balanced at all
  /// ([Mode#PASSTHROUGH]).
  public @Nullable Upstream choose(
      MeshSnapshot mesh, Workload client, Service service, int port, EndpointUse use, Trail trail) {
    var balancing = service.balancing();
    if (balancing.mode() == Mode.PASSTHROUGH) {
      trail.step("service passes through, no endpoint is chosen", service.key());
      return null;
    }
    var usable = new ArrayList<Upstream>();
    int all = 0;
    for (var endpoint : mesh.endpoints(service.key())) {
      all++;
      var upstream = usable(service, endpoint, client, port, use);
      if (upstream != null) {
        usable.add(upstream);
      }
    }
    var best = best(client, balancing, withoutEjected(usable));
    var chosen = byCapacity(best);
    trail.step(
        chosen == null ? "no endpoint" : "endpoint " + chosen.workload().uid(),
        "of " + service.key(),
        "mode " + balancing.mode(),
        all + " known,",
        usable.size() + " usable,",
        best.size() + " preferred");
    return chosen;
  }

  private @Nullable Upstream usable(
      Service service, Endpoint endpoint, Workload client, int port, EndpointUse use) {
    var workload = endpoint.workload();
    if (!service.balancing().health().admits(endpoint.health())) {
      return null;
    }
    boolean reachable =
        !workload.addresses().isEmpty()
            || !workload.hostname().isEmpty()
            || (!workload.network().equals(client.network()) && workload.networkGateway() != null);
    if (!reachable) {
      return null;
    }
    int target = port(service, endpoint, port, use);
    return target <= 0 ? null : new Upstream(workload, target, service);
  }

  /// The endpoint's own port, else the service's target port, else, behind an application tunnel,
  /// the port that was asked for; 0 when there is none.
  private static int port(Service service, Endpoint endpoint, int port, EndpointUse use) {
    int ofService = service.ports().target(port);
    boolean tunnelled = endpoint.workload().applicationTunnel() != null;
    if (ofService == PortMap.ABSENT && !(use == EndpointUse.WAYPOINT && tunnelled)) {
      return 0;
    }
    int own = endpoint.ports().target(port);
    if (own > 0) {
      return own;
    }
    if (ofService > 0) {
      return ofService;
    }
    return tunnelled ? port : 0;
  }

  private List<Upstream> withoutEjected(List<Upstream> usable) {
    var left = new ArrayList<Upstream>(usable.size());
    for (var upstream : usable) {
      var workload = upstream.workload();
      if (workload.addresses().isEmpty()
          || !ejections.ejected(workload.uid(), workload.addresses().getFirst())) {
        left.add(upstream);
      }
    }
    // rather try a doubtful endpoint than none
    return left.isEmpty() ? usable : left;
  }

  private static List<Upstream> best(
      Workload client, LoadBalancing balancing, List<Upstream> usable) {
    return switch (balancing.mode()) {
      case STANDARD, PASSTHROUGH -> usable;
      case STRICT ->
          usable.stream()
              .filter(u -> Rank.meetsAll(client, u.workload(), balancing.preferences()))
              .toList();
      case FAILOVER -> {
        int highest = -1;
        var group = new ArrayList<Upstream>();
        for (var upstream : usable) {
          int rank = Rank.of(client, upstream.workload(), balancing.preferences());
          if (rank > highest) {
            group.clear();
            highest = rank;
          }
          if (rank == highest) {
            group.add(upstream);
          }
        }
        yield group;
      }
    };
  }

  private @Nullable Upstream byCapacity(List<Upstream> group) {
    long sum = 0;
    for (var upstream : group) {
      sum += Integer.toUnsignedLong(upstream.workload().capacity());
    }
    if (sum == 0) {
      return null;
    }
    long mark = random.nextLong(sum);
    for (var upstream : group) {
      mark -= Integer.toUnsignedLong(upstream.workload().capacity());
      if (mark < 0) {
        return upstream;
      }
    }
    throw new IllegalStateException("capacities changed while summed");
  }
}
