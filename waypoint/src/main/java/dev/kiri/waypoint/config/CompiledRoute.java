package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.route.RouteMatch;
import java.util.List;

/// One route object, compiled.
///
/// @param namespace the route's own, which decides whether it is a producer's or a consumer's
record CompiledRoute(
    String namespace, String name, List<Parent> parents, List<RouteMatch> matches) {
  /// @param port 0: every port
  record Parent(ServiceKey service, int port) {}

  CompiledRoute {
    parents = List.copyOf(parents);
    matches = List.copyOf(matches);
  }
}
