package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.Span;
import dev.kiri.waypoint.route.HeaderEdits.Field;
import dev.kiri.waypoint.route.PathMatch;
import dev.kiri.waypoint.route.Redirect;
import dev.kiri.waypoint.route.RouteDecision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers with another place where the rule says so.
final class Redirects implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    if (context.route() instanceof RouteDecision.Matched matched) {
      Redirect redirect = matched.rule().redirect();
      return redirect == null ? null : reply(context, redirect, matched.by());
    }
    return null;
  }

  static LocalReply reply(FilterContext context, Redirect redirect, PathMatch matched) {
    Head head = context.head();
    String scheme = head.get(HeaderName.X_FORWARDED_PROTO);
    String location =
        redirect.location(
            "https".equals(scheme) ? "https" : "http",
            head.text(head.authority()),
            context.port(),
            head.text(head.path()),
            Span.isPresent(head.query()) ? head.text(head.query()) : null,
            matched);
    return LocalReply.of(redirect.status(), "", "direct_response", "-")
        .with(List.of(new Field(HeaderName.LOCATION, location)));
  }
}
