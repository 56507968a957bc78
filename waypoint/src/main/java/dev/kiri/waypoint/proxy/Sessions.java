package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.SessionRules;
import dev.kiri.waypoint.upstream.Target;
import org.jspecify.annotations.Nullable;

/// Tells a client's session again: the client keeps a token that stands for an endpoint and says
/// nothing about it. Needs no store, so every replica knows every session. Pure.
final class Sessions {
  private Sessions() {}

  /// The token that a request brings; null without one.
  static @Nullable String token(SessionRules rules, Head head) {
    HeaderName header = rules.header();
    return header == null ? HashKeys.cookie(head, rules.cookie()) : head.get(header);
  }

  /// Gives the client the token of the endpoint that answers, where it does not have it yet.
  static void tell(SessionRules rules, @Nullable String brought, Target target, Head answer) {
    String token = target.token();
    HeaderName header = rules.header();
    if (header != null) {
      answer.set(header, token);
    } else if (!token.equals(brought)) {
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
