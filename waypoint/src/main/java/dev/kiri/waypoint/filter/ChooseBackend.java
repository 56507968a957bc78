package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.RouteDecision;
import org.jspecify.annotations.Nullable;

/// Chooses one of the rule's backends by weight. A rule without backends, or whose weights are all
/// 0, and the share of a backend that does not resolve are answered 500.
final class ChooseBackend implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    if (!(context.route() instanceof RouteDecision.Matched matched)) {
      return null;
    }
    Backend.OfService session = context.sessionBackend();
    if (session != null) {
      context.backend(session);
      return null;
    }
    return switch (matched.rule().backends().at(context.point())) {
      case null -> LocalReply.noBackend(500, "direct_response", "-");
      case Backend.Invalid invalid ->
          LocalReply.noBackend(
              invalid.status(), "cluster_not_found{" + invalid.reason() + "}", "NC");
      case Backend.OfService service -> {
        context.backend(service);
        yield null;
      }
    };
  }
}
