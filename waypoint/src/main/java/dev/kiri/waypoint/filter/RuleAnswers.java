package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.Span;
import dev.kiri.waypoint.route.DirectResponse;
import dev.kiri.waypoint.route.HeaderEdits;
import dev.kiri.waypoint.route.HeaderEdits.Field;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.PathMatch;
import dev.kiri.waypoint.route.Redirect;
import dev.kiri.waypoint.route.RouteDecision;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers with another place, or with the rule's own words, where the rule says so. The rule's
/// headers go with it.
final class RuleAnswers implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    if (!(context.route() instanceof RouteDecision.Matched matched)) {
      return null;
    }
    HttpRule rule = matched.rule();
    Redirect redirect = rule.redirect();
    if (redirect != null) {
      return redirect(context, redirect, matched.by(), rule.responseHeaders());
    }
    DirectResponse direct = rule.direct();
    return direct == null
        ? null
        : LocalReply.direct(direct.status(), direct.body())
            .with(rule.responseHeaders().written(context.variables()));
  }

  static LocalReply redirect(
      FilterContext context, Redirect redirect, PathMatch matched, HeaderEdits edits) {
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
    List<Field> fields = new ArrayList<>();
    fields.add(new Field(HeaderName.LOCATION, location));
    fields.addAll(edits.written(context.variables()));
    return LocalReply.direct(redirect.status(), "").with(fields);
  }
}
