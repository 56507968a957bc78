package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.Session;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads `sessionPersistence` of a rule, in the forms of v1.6 (`sessionName`, `cookieConfig`) and
/// of the API after it (`cookie`, `header`; GEP-1619). Stateless.
final class SessionReader {
  /// Where a user gives none.
  private static final String NAME = "kiri-session";

  private SessionReader() {}

  /// Null where the rule has none.
  static @Nullable Session read(Fields rule) {
    if (!rule.has("sessionPersistence")) {
      return null;
    }
    Fields fields = rule.child("sessionPersistence");
    boolean header = fields.choice("type", "Cookie", List.of("Cookie", "Header")).equals("Header");
    String older = fields.stringOr("sessionName", "");
    Fields config = fields.child("cookieConfig");
    Fields cookie = fields.child("cookie");
    Fields named = fields.child("header");
    String name = header ? named.stringOr("name", older) : cookie.stringOr("name", older);
    List<String> lifetimes = List.of("Session", "Permanent");
    boolean permanent =
        config.choice("lifetimeType", "Session", lifetimes).equals("Permanent")
            || cookie.choice("lifetimeType", "Session", lifetimes).equals("Permanent");
    Duration absolute = HttpRouteReader.duration(fields, "absoluteTimeout");
    if (permanent && absolute == null) {
      fields.error("absoluteTimeout", "nothing", "a duration (required for a permanent cookie)");
    }
    Duration idle = HttpRouteReader.duration(fields, "idleTimeout");
    atLeastASecond(fields, "idleTimeout", idle);
    atLeastASecond(fields, "absoluteTimeout", absolute);
    String chosen = name.isEmpty() ? NAME : name;
    if (!HttpFilterReader.isHeaderName(chosen)) {
      fields.error("sessionName", Fields.show(chosen), "letters, digits and !#$%&'*+-.^_`|~");
    }
    Session read =
        new Session(
            header,
            chosen,
            cookie.stringOr("path", "/"),
            permanent ? absolute : null,
            idle,
            absolute);
    config.done();
    cookie.done();
    named.done();
    fields.ignore("cookieConfig", "cookie", "header");
    fields.done();
    return read;
  }

  /// Tokens count in seconds.
  private static void atLeastASecond(Fields fields, String name, @Nullable Duration limit) {
    if (limit != null && limit.toSeconds() < 1) {
      fields.error(name, Fields.show(fields.raw(name)), "a second or more");
    }
  }
}
