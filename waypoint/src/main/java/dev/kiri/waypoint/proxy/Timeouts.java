package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.HttpRule;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How long the answer to one request is waited for: as the rule says, and at most as long as a
/// gRPC client waits itself (waypoint reference 10). Immutable.
///
/// @param whole null: for ever; all tries together
/// @param each null: as long as the whole; one try
/// @param clients whether the whole is the client's own deadline
record Timeouts(@Nullable Duration whole, @Nullable Duration each, boolean clients) {
  static final Timeouts NONE = new Timeouts(null, null, false);

  private static final HeaderName EXPECTED = HeaderName.of("x-envoy-expected-rq-timeout-ms");
  private static final HeaderName GRPC = HeaderName.of("grpc-timeout");

  static Timeouts of(@Nullable HttpRule rule, Head head, boolean grpc) {
    Duration ruled = rule == null ? null : rule.requestTimeout();
    Duration each = rule == null ? null : rule.backendTimeout();
    Duration deadline = grpc ? deadline(head.get(GRPC)) : null;
    if (deadline != null && (ruled == null || deadline.compareTo(ruled) < 0)) {
      return new Timeouts(deadline, each, true);
    }
    return ruled == null && each == null ? NONE : new Timeouts(ruled, each, false);
  }

  /// Tells the endpoint.
  void announce(Head head) {
    Duration limit = each == null ? whole : each;
    if (limit != null) {
      head.set(EXPECTED, Long.toString(limit.toMillis()));
    }
  }

  /// One to eight digits and a unit (gRPC over HTTP/2); null for none, and for what is none.
  static @Nullable Duration deadline(@Nullable String text) {
    int digits = text == null ? 0 : text.length() - 1;
    if (text == null || digits < 1 || digits > 8) {
      return null;
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      value = value * 10 + digit;
    }
    TimeUnit unit =
        switch (text.charAt(digits)) {
          case 'H' -> TimeUnit.HOURS;
          case 'M' -> TimeUnit.MINUTES;
          case 'S' -> TimeUnit.SECONDS;
          case 'm' -> TimeUnit.MILLISECONDS;
          case 'u' -> TimeUnit.MICROSECONDS;
          case 'n' -> TimeUnit.NANOSECONDS;
          default -> null;
        };
    return unit == null ? null : Duration.of(value, unit.toChronoUnit());
  }
}
