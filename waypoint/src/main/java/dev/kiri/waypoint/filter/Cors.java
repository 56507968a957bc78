package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.CorsRules;
import dev.kiri.waypoint.route.HeaderEdits.Field;
import dev.kiri.waypoint.route.RouteDecision;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cross-origin requests: answers preflights, marks answers to allowed origins (waypoint reference
/// 9.5).
final class Cors implements Filter {
  private static final ByteText OPTIONS = ByteText.of("OPTIONS");
  private static final HeaderName WANTED_METHOD = HeaderName.of("access-control-request-method");
  private static final HeaderName WANTED_HEADERS = HeaderName.of("access-control-request-headers");
  private static final HeaderName ORIGIN = HeaderName.of("access-control-allow-origin");
  private static final HeaderName CREDENTIALS = HeaderName.of("access-control-allow-credentials");
  private static final HeaderName METHODS = HeaderName.of("access-control-allow-methods");
  private static final HeaderName HEADERS = HeaderName.of("access-control-allow-headers");
  private static final HeaderName EXPOSE = HeaderName.of("access-control-expose-headers");
  private static final HeaderName MAX_AGE = HeaderName.of("access-control-max-age");

  @Override
  public @Nullable LocalReply request(FilterContext context) {
    CorsRules rules = rules(context);
    String origin = context.origin();
    Head head = context.head();
    if (rules == null
        || origin == null
        || !head.is(head.method(), OPTIONS)
        || !head.has(WANTED_METHOD)) {
      return null;
    }
    boolean allowed = rules.allows(origin);
    if (!allowed && rules.forwardUnmatched()) {
      return null;
    }
    List<Field> fields = new ArrayList<>();
    if (allowed) {
      add(fields, METHODS, rules.methods(), rules.credentials(), head.get(WANTED_METHOD));
      add(fields, HEADERS, rules.headers(), rules.credentials(), head.get(WANTED_HEADERS));
      if (rules.maxAgeSeconds() >= 0) {
        fields.add(new Field(MAX_AGE, Long.toString(rules.maxAgeSeconds())));
      }
    }
    return LocalReply.of(200, "", "cors_response", "-").with(fields);
  }

  /// A `*` beside credentials would be refused by browsers: what was asked for is echoed instead.
  private static void add(
      List<Field> to,
      HeaderName name,
      List<String> allowed,
      boolean credentials,
      @Nullable String asked) {
    if (allowed.isEmpty()) {
      return;
    }
    boolean any = allowed.contains("*");
    if (any && credentials) {
      if (asked != null) {
        to.add(new Field(name, asked));
      }
    } else {
      to.add(new Field(name, any ? "*" : String.join(", ", allowed)));
    }
  }

  @Override
  public void response(FilterContext context, Head answer, boolean local) {
    CorsRules rules = rules(context);
    String origin = context.origin();
    if (rules == null || origin == null || !rules.allows(origin)) {
      return;
    }
    answer.set(ORIGIN, origin);
    answer.add(HeaderName.VARY, "Origin");
    if (rules.credentials()) {
      answer.set(CREDENTIALS, "true");
    }
    if (!rules.expose().isEmpty()) {
      answer.set(EXPOSE, String.join(", ", rules.expose()));
    }
  }

  private static @Nullable CorsRules rules(FilterContext context) {
    return context.route() instanceof RouteDecision.Matched matched ? matched.rule().cors() : null;
  }
}
