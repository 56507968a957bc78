package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.HttpRule;
import java.time.Duration;

/// Tells the endpoint how long its answer is waited for.
final class Timeouts {
  private static final HeaderName EXPECTED = HeaderName.of("x-envoy-expected-rq-timeout-ms");

  private Timeouts() {}

  static void announce(HttpRule rule, Head head) {
    Duration limit = rule.backendTimeout() == null ? rule.requestTimeout() : rule.backendTimeout();
    if (limit != null) {
      head.set(EXPECTED, Long.toString(limit.toMillis()));
    }
  }
}
