package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.route.RouteMatch;
import dev.kiri.waypoint.route.RouteSet;
import dev.kiri.waypoint.route.RouteTable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One route object, compiled.
///
/// @param namespace the route's own, which decides whether it is a producer's or a consumer's
record CompiledRoute(
    Kind kind, String namespace, String name, List<Parent> parents, Content content) {
  /// Of several kinds on one port only the first of these is used (GEP-1294).
  enum Kind {
    GRPC,
    HTTP,
    TLS,
    TCP
  }

  /// @param port 0: every port
  record Parent(ServiceKey service, int port) {}

  /// What is routed.
  sealed interface Content {
    record Requests(List<RouteMatch> matches) implements Content {
      public Requests {
        matches = List.copyOf(matches);
      }
    }

    record Connections(ConnectionRoutes.Route route) implements Content {}
  }

  CompiledRoute {
    parents = List.copyOf(parents);
  }

  boolean covers(ServiceKey service, int port) {
    return parents.stream()
        .anyMatch(p -> p.service().equals(service) && (p.port() == 0 || p.port() == port));
  }

  /// The routes of the most specific kind among these, merged.
  ///
  /// @param routes at least one
  static RouteSet merge(List<CompiledRoute> routes) {
    Map<Kind, List<CompiledRoute>> kinds =
        routes.stream()
            .collect(Collectors.groupingBy(CompiledRoute::kind, TreeMap::new, Collectors.toList()));
    List<CompiledRoute> winners = kinds.values().iterator().next();
    List<RouteMatch> matches =
        winners.stream()
            .filter(r -> r.content() instanceof Content.Requests)
            .flatMap(r -> ((Content.Requests) r.content()).matches().stream())
            .toList();
    List<ConnectionRoutes.Route> connections =
        winners.stream()
            .filter(r -> r.content() instanceof Content.Connections)
            .map(r -> ((Content.Connections) r.content()).route())
            .toList();
    return connections.isEmpty()
        ? new RouteSet(new RouteTable(matches), null)
        : new RouteSet(null, new ConnectionRoutes(connections));
  }
}
