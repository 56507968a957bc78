package dev.kiri.waypoint.route;

import dev.kiri.waypoint.policy.AddressBlock;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The routes of whole connections on a service port. Of TCPRoutes the oldest counts; of TLSRoutes
/// the one that names the client's server name most specifically, then the oldest (Gateway API);
/// the rules of VirtualServices are tried as they are written. Immutable.
public final class ConnectionRoutes {
  private static final Comparator<Route> PRECEDENCE =
      Comparator.comparing(Route::created)
          .thenComparing(r -> r.name().namespace() + "/" + r.name().route())
          .thenComparingInt(Route::position);

  private final List<Route> ordered;
  private final Map<String, Route> byName = new HashMap<>();
  private final boolean asWritten;
  private final boolean byServerName;

  /// One route, or one match of a VirtualService's rule.
  ///
  /// @param serverNames exact or `*.` and a suffix; empty: every connection
  /// @param destinations one must hold what the client dialled; empty: any
  /// @param port of the service; 0: any
  /// @param backends chosen from once per connection
  /// @param position order within its object
  public record Route(
      RuleName name,
      List<String> serverNames,
      List<AddressBlock> destinations,
      ClientMatch clients,
      int port,
      WeightedBackends backends,
      Instant created,
      int position) {
    public Route {
      serverNames = serverNames.stream().map(n -> n.toLowerCase(Locale.ROOT)).toList();
      destinations = List.copyOf(destinations);
    }

    private boolean holds(@Nullable String name, Connection connection) {
      return (serverNames.isEmpty() || (name != null && names(name)))
          && (destinations.isEmpty()
              || destinations.stream().anyMatch(d -> d.contains(connection.dialled())))
          && clients.holds(connection.client());
    }

    private boolean names(String name) {
      for (String wanted : serverNames) {
        if (wanted.startsWith("*") ? name.endsWith(wanted.substring(1)) : wanted.equals(name)) {
          return true;
        }
      }
      return false;
    }
  }

  /// What routes may ask about a connection.
  ///
  /// @param serverName of the client's hello; null without one
  /// @param dialled null where the client named a host
  public record Connection(
      @Nullable String serverName, @Nullable InetAddress dialled, RouteClient client) {}

  /// Where a connection goes.
  public sealed interface Decision {
    record Routed(Route route) implements Decision {}

    /// On to the service's own endpoints.
    record Own() implements Decision {}

    /// Routes of the Gateway API have the port, and none is meant.
    record Cut() implements Decision {}
  }

  /// Routes of the Gateway API.
  ///
  /// @param routes at least one, all with server names or all without
  public ConnectionRoutes(List<Route> routes) {
    this(routes, false);
  }

  /// Rules of VirtualServices.
  ///
  /// @param routes at least one
  public static ConnectionRoutes asWritten(List<Route> routes) {
    return new ConnectionRoutes(routes, true);
  }

  private ConnectionRoutes(List<Route> routes, boolean asWritten) {
    this.asWritten = asWritten;
    ordered = routes.stream().sorted(PRECEDENCE).toList();
    byServerName = ordered.stream().anyMatch(r -> !r.serverNames().isEmpty());
    for (Route route : ordered) {
      route.serverNames().forEach(name -> byName.putIfAbsent(name, route));
    }
  }

  /// In the order of precedence.
  public List<Route> ordered() {
    return ordered;
  }

  /// Whether the client's hello must be read before a route can be chosen.
  public boolean byServerName() {
    return byServerName;
  }

  public Decision decide(Connection connection) {
    String written = connection.serverName();
    String name = written == null ? null : written.toLowerCase(Locale.ROOT);
    if (asWritten) {
      for (Route route : ordered) {
        if (route.holds(name, connection)) {
          return new Decision.Routed(route);
        }
      }
      return new Decision.Own();
    }
    Route found = byServerName ? named(name) : ordered.getFirst();
    return found == null ? new Decision.Cut() : new Decision.Routed(found);
  }

  private @Nullable Route named(@Nullable String name) {
    if (name == null) {
      return null;
    }
    Route found = byName.get(name);
    for (int dot = name.indexOf('.'); found == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
      found = byName.get("*" + name.substring(dot));
    }
    return found;
  }
}
