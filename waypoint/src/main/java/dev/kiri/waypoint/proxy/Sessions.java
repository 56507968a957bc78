package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.SessionRules;
import dev.kiri.waypoint.upstream.Target;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Tells a client's session again: the client keeps a token that stands for an endpoint and says
/// nothing about it. Needs no store, so every replica knows every session. Where sessions end with
/// time, the token says when its session began and was last used. Pure; times are in seconds since
/// 1970.
final class Sessions {
  /// How much the clocks of two replicas may differ.
  private static final long SKEW = 60;

  private static final int RADIX = 36;

  private Sessions() {}

  /// A session that a request belongs to.
  ///
  /// @param endpoint token of the endpoint
  /// @param begun 0 where sessions do not end with time
  record Session(String text, String endpoint, long begun) {}

  /// The session that a request brings; null without one, and for one that is over.
  static @Nullable Session brought(SessionRules rules, Head head, long now) {
    HeaderName header = rules.header();
    String text = header == null ? HashKeys.cookie(head, rules.cookie()) : head.get(header);
    if (text == null || !rules.endsWithTime()) {
      return text == null ? null : new Session(text, text, 0);
    }
    String[] parts = text.split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      long begun = Long.parseLong(parts[1], RADIX);
      long used = Long.parseLong(parts[2], RADIX);
      boolean over =
          begun > now + SKEW
              || used > now + SKEW
              || isOver(rules.absolute(), begun, now)
              || isOver(rules.idle(), used, now);
      return over ? null : new Session(text, parts[0], begun);
    } catch (NumberFormatException foreign) {
      return null;
    }
  }

  private static boolean isOver(@Nullable Duration limit, long since, long now) {
    return limit != null && now - since > limit.toSeconds();
  }

  /// Gives the client the token of the endpoint that answers, where it does not have it yet.
  static void tell(
      SessionRules rules, @Nullable Session brought, Target target, Head answer, long now) {
    String token = target.token();
    if (rules.endsWithTime()) {
      long begun = brought != null && brought.endpoint().equals(token) ? brought.begun() : now;
      token += "." + Long.toString(begun, RADIX) + "." + Long.toString(now, RADIX);
    }
    HeaderName header = rules.header();
    if (header != null) {
      answer.set(header, token);
    } else if (brought == null || !token.equals(brought.text())) {
      var lifetime = rules.lifetime();
      answer.add(
          HeaderName.SET_COOKIE,
          rules.cookie()
              + "="
              + token
              + (lifetime == null ? "" : "; Max-Age=" + lifetime.toSeconds())
              + "; Path="
              + (rules.path().isEmpty() ? "/" : rules.path())
              + "; HttpOnly; SameSite=Lax");
    }
  }
}
