package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.route.RouteDecision;
import org.jspecify.annotations.Nullable;

/// Answers where the route decision leaves nothing to do: 404 without a matching rule, 500 for a
/// rule that cannot be honoured.
final class RouteOutcome implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    return switch (context.route()) {
      case RouteDecision.NoMatch _ -> LocalReply.of(404, "", "route_not_found", "NR");
      case RouteDecision.Broken broken ->
          LocalReply.noBackend(
              500, "route_not_honoured{" + broken.reason().replace(' ', '_') + "}", "-");
      case RouteDecision.Matched _, RouteDecision.Unrouted _ -> null;
    };
  }
}
