package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.SessionRules;
import dev.kiri.waypoint.upstream.Target;
import org.jspecify.annotations.Nullable;

/// Tells a client's session again: the client keeps a token that stands for an endpoint and says
/// nothing about it. Needs no store, so every replica knows every session. Pure.
final class Sessions {
  private static final HeaderName SET_COOKIE = HeaderName.of("set-cookie");

  private Sessions() {}

  /// The token that a request brings; null without one.
  static @Nullable String token(SessionRules rules, Head head) {
    return rules.header()
        ? head.get(HeaderName.of(rules.name()))
        : HashKeys.cookie(head, rules.name());
  }

  /// Gives the client the token of the endpoint that answers, where it does not have it yet.
  static void tell(SessionRules rules, @Nullable String brought, Target target, Head answer) {
    String token = target.token();
    if (rules.header()) {
      answer.set(HeaderName.of(rules.name()), token);
    } else if (!token.equals(brought)) {
      var lifetime = rules.lifetime();
      answer.add(
          SET_COOKIE,
          rules.name()
              + "="
              + token
              + (lifetime == null ? "" : "; Max-Age=" + lifetime.toSeconds())
              + "; Path="
              + (rules.path().isEmpty() ? "/" : rules.path())
              + "; HttpOnly; SameSite=Lax");
    }
  }
}
