package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.route.RouteDecision;
import org.jspecify.annotations.Nullable;

/// The rule's changes to the fields of request and answer.
final class RuleHeaders implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    if (context.route() instanceof RouteDecision.Matched matched
        && !matched.rule().requestHeaders().isEmpty()) {
      matched.rule().requestHeaders().applyToRequest(context.head(), context.variables());
    }
    return null;
  }

  @Override
  public void response(FilterContext context, Head answer, boolean local) {
    if (!local
        && context.route() instanceof RouteDecision.Matched matched
        && !matched.rule().responseHeaders().isEmpty()) {
      matched.rule().responseHeaders().apply(answer, context.variables());
    }
  }
}
