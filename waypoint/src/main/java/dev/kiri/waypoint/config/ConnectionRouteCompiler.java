package dev.kiri.waypoint.config;

import dev.kiri.waypoint.config.v1.ConnectionRoute;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.route.ClientMatch;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.route.RuleName;
import java.util.List;
import java.util.Set;

/// Compiles TCPRoutes and TLSRoutes. Pure.
final class ConnectionRouteCompiler {
  private ConnectionRouteCompiler() {}

  static CompiledRoute tcp(ObjectRef source, ConnectionRoute route) {
    if (route.getServerNamesCount() > 0) {
      throw new InvalidConfig("tcp_route.server_names", "must be empty");
    }
    return compile(CompiledRoute.Kind.TCP, source, route, "tcp_route");
  }

  static CompiledRoute tls(ObjectRef source, ConnectionRoute route) {
    if (route.getServerNamesCount() == 0) {
      throw new InvalidConfig("tls_route.server_names", "must not be empty");
    }
    for (int i = 0; i < route.getServerNamesCount(); i++) {
      String name = route.getServerNames(i);
      String exact = name.startsWith("*.") ? name.substring(2) : name;
      if (exact.isEmpty() || exact.contains("*")) {
        throw new InvalidConfig(
            "tls_route.server_names[" + i + "]", "\"" + name + "\" is not a host name");
      }
    }
    return compile(CompiledRoute.Kind.TLS, source, route, "tls_route");
  }

  private static CompiledRoute compile(
      CompiledRoute.Kind kind, ObjectRef source, ConnectionRoute route, String field) {
    HttpRuleCompiler.requirePorts(route.getBackendsList(), field);
    RuleName name = new RuleName(source.getKind(), source.getNamespace(), source.getName(), 0, "");
    return new CompiledRoute(
        kind,
        source.getNamespace(),
        source.getName(),
        HttpRouteCompiler.parents(route.getParentsList()),
        Set.of(),
        List.of(),
        List.of(
            new ConnectionRoutes.Route(
                name,
                route.getServerNamesList(),
                List.of(),
                ClientMatch.ANY,
                0,
                HttpRuleCompiler.backends(route.getBackendsList(), field),
                HttpRouteCompiler.created(route.hasCreationTime(), route.getCreationTime(), field),
                0)));
  }
}
