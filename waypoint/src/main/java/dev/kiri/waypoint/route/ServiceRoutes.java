package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.Head;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The routes of one service port: those of its producer and those of its consumers' namespaces.
///
/// @param producer null when only consumers have routes
/// @param consumers by the namespace whose clients they apply to
public record ServiceRoutes(@Nullable RouteSet producer, Map<String, RouteSet> consumers) {
  public static final ServiceRoutes NONE = new ServiceRoutes(null, Map.of());

  private static final RouteDecision UNROUTED = new RouteDecision.Unrouted();

  public ServiceRoutes {
    consumers = Map.copyOf(consumers);
  }

  /// Sets are never merged: a client whose namespace has routes of its own gets those only
  /// (GEP-1294).
  ///
  /// @param clientNamespace proven by the tunnel's certificate; null when the client has no
  ///     identity of this mesh
  public @Nullable RouteSet routesFor(@Nullable String clientNamespace) {
    RouteSet own = clientNamespace == null ? null : consumers.get(clientNamespace);
    return own == null ? producer : own;
  }

  /// Where a request goes.
  public RouteDecision decide(Head head, RouteClient client) {
    RouteSet set = routesFor(client.namespace());
    RouteTable table = set == null ? null : set.requests();
    return table == null ? UNROUTED : table.decide(head, client);
  }
}
