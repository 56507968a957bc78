package dev.kiri.waypoint.config;

import dev.kiri.waypoint.config.v1.HttpRetry;
import dev.kiri.waypoint.route.RetryRules;
import dev.kiri.waypoint.route.RetryRules.On;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/// Compiles when a rule's tries are repeated. Pure.
final class RetryCompiler {
  /// Upstream's default of `retry.attempts` and the wait before a retry.
  private static final int DEFAULT_ATTEMPTS = 2;

  private static final Duration DEFAULT_BACKOFF = Duration.ofMillis(25);

  /// Every failure to get an answer (gateway-api 7.13).
  private static final Set<On> NO_ANSWER =
      EnumSet.of(On.CONNECT_FAILURE, On.REFUSED_STREAM, On.RESET);

  private RetryCompiler() {}

  static RetryRules compile(HttpRetry retry, String field) {
    for (int code : retry.getCodesList()) {
      if (code < 200 || code > 599) {
        throw new InvalidConfig(field + ".codes", code + " is not between 200 and 599");
      }
    }
    Duration written =
        HttpRuleCompiler.timeout(retry.hasBackoff(), retry.getBackoff(), field + ".backoff");
    Duration backoff = written == null ? DEFAULT_BACKOFF : written;
    Set<On> on = EnumSet.noneOf(On.class);
    for (On known : On.values()) {
      if (retry.getOnList().contains(known.token())) {
        on.add(known);
      }
    }
    boolean gatewayApi = retry.getOnCount() == 0;
    return new RetryRules(
        gatewayApi ? NO_ANSWER : on,
        retry.getCodesList(),
        retry.hasAttempts() ? retry.getAttempts() : DEFAULT_ATTEMPTS,
        backoff,
        gatewayApi ? backoff : Duration.ZERO,
        !retry.getSameEndpoint());
  }
}
