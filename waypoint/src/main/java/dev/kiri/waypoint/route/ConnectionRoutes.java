package dev.kiri.waypoint.route;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The TCPRoutes or the TLSRoutes of a service port. Of TCPRoutes the oldest counts; of TLSRoutes
/// the one that names the client's server name most specifically, then the oldest (Gateway API).
/// Immutable.
public final class ConnectionRoutes {
  private static final Comparator<Route> PRECEDENCE =
      Comparator.comparing(Route::created)
          .thenComparing(r -> r.name().namespace() + "/" + r.name().route());

  private final List<Route> ordered;
  private final Map<String, Route> byName = new HashMap<>();

  /// One route.
  ///
  /// @param serverNames exact or `*.` and a suffix; empty: every connection
  /// @param backends chosen from once per connection
  public record Route(
      RuleName name, List<String> serverNames, WeightedBackends backends, Instant created) {
    public Route {
      serverNames = serverNames.stream().map(n -> n.toLowerCase(Locale.ROOT)).toList();
    }
  }

  /// @param routes at least one, all with server names or all without
  public ConnectionRoutes(List<Route> routes) {
    ordered = routes.stream().sorted(PRECEDENCE).toList();
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
    return !byName.isEmpty();
  }

  /// @param serverName of the client's hello; null without one
  /// @return null when nothing matches: the connection is to be cut
  public @Nullable Route decide(@Nullable String serverName) {
    if (!byServerName()) {
      return ordered.getFirst();
    }
    if (serverName == null) {
      return null;
    }
    String name = serverName.toLowerCase(Locale.ROOT);
    Route found = byName.get(name);
    for (int dot = name.indexOf('.'); found == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
      found = byName.get("*" + name.substring(dot));
    }
    return found;
  }
}
