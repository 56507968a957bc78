package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.Span;
import dev.kiri.waypoint.route.QueryParameters;
import dev.kiri.waypoint.upstream.TrafficPolicy.HashKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// What of a request decides about its endpoint.
///
/// @param value null: nothing does
/// @param setCookie what the answer gives to the client, so that it comes back to the endpoint;
///     null without one
record HashKeys(@Nullable String value, @Nullable String setCookie) {
  static final HashKeys NONE = new HashKeys(null, null);

  static HashKeys of(HashKey key, Head head, InetSocketAddress client) {
    return switch (key) {
      case HashKey.Header(HeaderName name) -> new HashKeys(head.get(name), null);
      case HashKey.QueryParameter(String name) -> {
        long found = QueryParameters.first(head, name);
        yield new HashKeys(found == Span.NONE ? null : head.text(found), null);
      }
      case HashKey.SourceAddress() ->
          new HashKeys(client.getAddress() == null ? null : client.getAddress().toString(), null);
      case HashKey.Cookie cookie -> ofCookie(cookie, cookie(head, cookie.name()));
    };
  }

  private static HashKeys ofCookie(HashKey.Cookie cookie, @Nullable String value) {
    Duration ttl = cookie.ttl();
    if (value != null || ttl == null) {
      return new HashKeys(value, null);
    }
    String made = Long.toHexString(ThreadLocalRandom.current().nextLong());
    return new HashKeys(
        made,
        cookie.name()
            + "=\""
            + made
            + "\""
            + (ttl.isZero() ? "" : "; Max-Age=" + ttl.toSeconds())
            + (cookie.path().isEmpty() ? "" : "; Path=" + cookie.path())
            + "; HttpOnly");
  }

  /// The value of a cookie of that name; null without one.
  static @Nullable String cookie(Head head, String name) {
    String sent = head.get(HeaderName.COOKIE);
    return sent == null ? null : find(sent, name);
  }

  private static @Nullable String find(String cookies, String name) {
    for (String pair : cookies.split("[;,]")) {
      String trimmed = pair.strip();
      if (trimmed.startsWith(name + "=")) {
        String value = trimmed.substring(name.length() + 1);
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
      }
    }
    return null;
  }
}
