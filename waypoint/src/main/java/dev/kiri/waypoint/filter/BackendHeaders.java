package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.Redirect;
import dev.kiri.waypoint.route.RouteDecision;
import org.jspecify.annotations.Nullable;

/// What the chosen backend changes, or answers, on its own.
final class BackendHeaders implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    Backend.OfService backend = context.backend();
    if (backend == null || !(context.route() instanceof RouteDecision.Matched matched)) {
      return null;
    }
    Redirect redirect = backend.filters().redirect();
    if (redirect != null) {
      return RuleAnswers.redirect(
          context, redirect, matched.by(), matched.rule().responseHeaders());
    }
    if (!backend.filters().requestHeaders().isEmpty()) {
      backend.filters().requestHeaders().applyToRequest(context.head(), context.variables());
    }
    return null;
  }

  @Override
  public void response(FilterContext context, Head answer, boolean local) {
    Backend.OfService backend = context.backend();
    if (backend != null && !local && !backend.filters().responseHeaders().isEmpty()) {
      backend.filters().responseHeaders().apply(answer, context.variables());
    }
  }
}
