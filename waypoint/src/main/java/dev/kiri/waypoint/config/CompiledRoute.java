package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.route.RouteMatch;
import dev.kiri.waypoint.route.RouteSet;
import dev.kiri.waypoint.route.RouteTable;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One route object, compiled.
///
/// @param namespace the route's own, which decides whether it is a producer's or a consumer's
/// @param clients namespaces whose clients it is for; empty: all
record CompiledRoute(
    Kind kind,
    String namespace,
    String name,
    List<Parent> parents,
    Set<String> clients,
    List<RouteMatch> requests,
    List<ConnectionRoutes.Route> connections) {
  /// Of several kinds on one port only the first of these is used (GEP-1294).
  enum Kind {
    GRPC,
    HTTP,
    TLS,
    TCP,
    VIRTUAL_SERVICE
  }

  /// @param port 0: every port
  record Parent(ServiceKey service, int port) {}

  CompiledRoute {
    parents = List.copyOf(parents);
    clients = Set.copyOf(clients);
    requests = List.copyOf(requests);
    connections = List.copyOf(connections);
  }

  boolean covers(ServiceKey service, int port) {
    return parents.stream()
        .anyMatch(p -> p.service().equals(service) && (p.port() == 0 || p.port() == port));
  }

  /// What of it is meant for requests on that port. A VirtualService has nothing to say about
  /// requests where bytes are carried.
  private Stream<RouteMatch> requests(int port, PortProtocol protocol) {
    return kind == Kind.VIRTUAL_SERVICE && protocol == PortProtocol.TCP
        ? Stream.empty()
        : requests.stream().filter(m -> m.port() == 0 || m.port() == port);
  }

  /// What of it is meant for whole connections. A VirtualService has nothing to say about them
  /// where HTTP is declared; a TCPRoute makes a port carry bytes whatever it was declared.
  private Stream<ConnectionRoutes.Route> connections(int port, PortProtocol protocol) {
    boolean http = protocol == PortProtocol.HTTP || protocol == PortProtocol.HTTP2;
    return kind == Kind.VIRTUAL_SERVICE && http
        ? Stream.empty()
        : connections.stream().filter(r -> r.port() == 0 || r.port() == port);
  }

  private boolean concerns(int port, PortProtocol protocol) {
    return kind != Kind.VIRTUAL_SERVICE
        || requests(port, protocol).findAny().isPresent()
        || connections(port, protocol).findAny().isPresent();
  }

  /// The routes of the most specific kind that has something to say about a port, merged; null
  /// where none has.
  static @Nullable RouteSet merge(
      Collection<CompiledRoute> routes, int port, PortProtocol protocol) {
    Kind strongest =
        routes.stream()
            .filter(r -> r.concerns(port, protocol))
            .map(CompiledRoute::kind)
            .min(Kind::compareTo)
            .orElse(null);
    if (strongest == null) {
      return null;
    }
    List<CompiledRoute> winners = routes.stream().filter(r -> r.kind() == strongest).toList();
    List<RouteMatch> requests = winners.stream().flatMap(r -> r.requests(port, protocol)).toList();
    List<ConnectionRoutes.Route> connections =
        winners.stream().flatMap(r -> r.connections(port, protocol)).toList();
    return switch (strongest) {
      case GRPC, HTTP -> new RouteSet(new RouteTable(requests), null);
      case TLS, TCP -> new RouteSet(null, new ConnectionRoutes(connections));
      case VIRTUAL_SERVICE ->
          new RouteSet(
              requests.isEmpty() ? null : RouteTable.asWritten(requests),
              connections.isEmpty() ? null : ConnectionRoutes.asWritten(connections));
    };
  }
}
