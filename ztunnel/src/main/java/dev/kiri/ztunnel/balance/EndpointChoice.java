package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The endpoint a connection to a service goes to, and the port there.
public record EndpointChoice(Endpoint endpoint, int port) {
  private static final int NO_PORT = -1;

  /// What the endpoint is wanted for.
  public enum Purpose {
    /// To serve the connection: the service must define the port.
    STANDARD,
    /// To be its waypoint: a port that is not defined is left to the endpoint's application
    /// tunnel.
    WAYPOINT
  }

  public Workload workload() {
    return endpoint.workload();
  }

  /// Chooses by chance, in proportion to capacity, among the endpoints that can serve the port and
  /// share most with the client. Where the service asks for nothing else, two are drawn so and the
  /// one with fewer open connections for its capacity is taken. Endpoints that failed just now are
  /// left out, unless no other is left: rather a doubtful endpoint than none. Does not look at
  /// [Mode#PASSTHROUGH], which means not to choose.
  ///
  /// @param client whose place decides about preferences; null if not known
  /// @return null if no endpoint can be used
  public static @Nullable EndpointChoice of(
      MeshSnapshot mesh,
      @Nullable Workload client,
      Service service,
      int port,
      Purpose purpose,
      EndpointView view,
      RandomGenerator random) {
    if (purpose == Purpose.STANDARD && !service.ports().contains(port)) {
      return null;
    }
    List<Endpoint> endpoints = mesh.endpoints(service.key());
    var group = Group.best(endpoints, new Ranking(client, service, port, purpose, view));
    var chosen = group.draw(random);
    if (chosen == null) {
      var all = new Ranking(client, service, port, purpose, EndpointView.NONE);
      group = Group.best(endpoints, all);
      chosen = group.draw(random);
    }
    if (chosen == null) {
      return null;
    }
    var second = service.balancing().mode() == Mode.STANDARD ? group.draw(random) : null;
    var taken = second == null ? chosen : lessBusy(chosen, second, view);
    int target = targetPort(taken, service, port);
    return target == NO_PORT ? null : new EndpointChoice(taken, target);
  }

  private static Endpoint lessBusy(Endpoint one, Endpoint other, EndpointView view) {
    long oneLoad = view.open(one.workload().uid()) * capacity(other);
    long otherLoad = view.open(other.workload().uid()) * capacity(one);
    return otherLoad < oneLoad ? other : one;
  }

  private static long capacity(Endpoint endpoint) {
    return Integer.toUnsignedLong(endpoint.workload().capacity());
  }

  /// The endpoint's own port, else the service's, else the same one for its application tunnel.
  private static int targetPort(Endpoint endpoint, Service service, int port) {
    int own = endpoint.ports().target(port);
    if (own > 0) {
      return own;
    }
    int common = service.ports().target(port);
    if (common > 0) {
      return common;
    }
    return endpoint.workload().applicationTunnel() == null ? NO_PORT : port;
  }

  /// The endpoints of one rank, with their capacity together.
  private record Group(List<Endpoint> endpoints, Ranking ranking, int rank, long capacity) {

    static Group best(List<Endpoint> endpoints, Ranking ranking) {
      int best = Ranking.EXCLUDED;
      long sum = 0;
      for (var endpoint : endpoints) {
        int rank = ranking.of(endpoint);
        if (rank > best) {
          best = rank;
          sum = 0;
        }
        if (rank == best && rank != Ranking.EXCLUDED) {
          sum += EndpointChoice.capacity(endpoint);
        }
      }
      return new Group(endpoints, ranking, best, sum);
    }

    /// One by chance; null if there is none, or no more: what the view says may change meanwhile.
    @Nullable Endpoint draw(RandomGenerator random) {
      if (capacity == 0) {
        return null;
      }
      long at = random.nextLong(capacity);
      Endpoint last = null;
      for (var endpoint : endpoints) {
        if (EndpointChoice.capacity(endpoint) > 0 && ranking.of(endpoint) == rank) {
          last = endpoint;
          at -= EndpointChoice.capacity(endpoint);
          if (at < 0) {
            break;
          }
        }
      }
      return last;
    }
  }

  /// How well an endpoint suits a client.
  private record Ranking(
      @Nullable Workload client, Service service, int port, Purpose purpose, EndpointView view) {
    static final int EXCLUDED = -1;

    int of(Endpoint endpoint) {
      var balancing = service.balancing();
      if (!usable(endpoint) || !balancing.health().admits(endpoint.health())) {
        return EXCLUDED;
      }
      int target = targetPort(endpoint, service, port);
      if (client != null && view.ejected(client.uid(), endpoint.workload().uid(), target)) {
        return EXCLUDED;
      }
      return switch (balancing.mode()) {
        case STANDARD, PASSTHROUGH -> 0;
        case STRICT ->
            shared(balancing, endpoint.workload()) == balancing.preferences().size() ? 0 : EXCLUDED;
        case FAILOVER -> failover(balancing, endpoint.workload());
      };
    }

    private boolean usable(Endpoint endpoint) {
      var workload = endpoint.workload();
      boolean reachable =
          !workload.addresses().isEmpty()
              || !workload.hostname().isEmpty()
              || (workload.networkGateway() != null && !inClientNetwork(workload));
      if (!reachable) {
        return false;
      }
      int target = service.ports().target(port);
      return switch (purpose) {
        case STANDARD -> target > 0 || endpoint.ports().target(port) > 0;
        case WAYPOINT ->
            target >= 0
                || endpoint.ports().target(port) > 0
                || workload.applicationTunnel() != null;
      };
    }

    private boolean inClientNetwork(Workload workload) {
      return workload.network().equals(client == null ? "" : client.network());
    }

    /// Where NETWORK comes first, a match of it outweighs all others together, and a mismatch does
    /// not stop the comparison.
    private int failover(LoadBalancing balancing, Workload workload) {
      boolean networkFirst = networkFirst(balancing);
      int rank = shared(balancing, workload);
      return networkFirst && client != null && inClientNetwork(workload)
          ? rank + balancing.preferences().size() - 1
          : rank;
    }

    private static boolean networkFirst(LoadBalancing balancing) {
      return !balancing.preferences().isEmpty()
          && balancing.preferences().getFirst() == LoadBalancing.Scope.NETWORK;
    }

    /// How many preferences are met, up to the first that is not.
    private int shared(LoadBalancing balancing, Workload workload) {
      if (client == null) {
        return 0;
      }
      int met = 0;
      for (int index = 0; index < balancing.preferences().size(); index++) {
        var scope = balancing.preferences().get(index);
        if (shares(scope, client, workload)) {
          met++;
        } else if (index != 0 || scope != LoadBalancing.Scope.NETWORK) {
          break;
        }
      }
      return met;
    }

    private static boolean shares(LoadBalancing.Scope scope, Workload client, Workload other) {
      var here = client.locality();
      var there = other.locality();
      return switch (scope) {
        case REGION -> here.region().equals(there.region());
        case ZONE -> here.zone().equals(there.zone());
        case SUBZONE -> here.subzone().equals(there.subzone());
        case NODE -> client.node().equals(other.node());
        case CLUSTER -> client.clusterId().equals(other.clusterId());
        case NETWORK -> client.network().equals(other.network());
      };
    }
  }
}
