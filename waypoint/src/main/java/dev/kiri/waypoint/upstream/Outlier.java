package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.upstream.TrafficPolicy.Outliers;

/// One endpoint's failures in a row, and whether it is left out because of them (waypoint reference
/// 13.3). Time is given by the caller. Confined to a loop.
final class Outlier {
  private static final long LONGEST_NANOS = 300_000_000_000L;

  private int fiveHundreds;
  private int gatewayErrors;
  private int localFailures;
  private int multiplier;
  private boolean out;
  private long until;

  /// An answer came.
  ///
  /// @return whether one failure too many has come in a row
  boolean answered(int status, Outliers rules) {
    localFailures = 0;
    fiveHundreds = status >= 500 ? fiveHundreds + 1 : 0;
    gatewayErrors = status >= 502 && status <= 504 ? gatewayErrors + 1 : 0;
    return reached(fiveHundreds, rules.consecutive5xx())
        || reached(gatewayErrors, rules.consecutiveGateway());
  }

  /// The endpoint could not be reached, or did not answer.
  boolean failed(Outliers rules) {
    if (rules.splitLocal()) {
      localFailures++;
      return reached(localFailures, rules.consecutiveLocal());
    }
    fiveHundreds++;
    gatewayErrors++;
    return reached(fiveHundreds, rules.consecutive5xx())
        || reached(gatewayErrors, rules.consecutiveGateway());
  }

  private static boolean reached(int count, int limit) {
    return limit > 0 && count >= limit;
  }

  /// Leaves the endpoint out, longer each time; whole intervals of health in between count back.
  void eject(long now, Outliers rules) {
    if (multiplier > 0) {
      long healthy = (now - until) / Math.max(1, rules.interval().toNanos());
      multiplier = (int) Math.max(0, multiplier - Math.max(0, healthy));
    }
    multiplier++;
    long base = rules.baseEjection().toNanos();
    long longest = Math.max(LONGEST_NANOS, base);
    until = now + (base > longest / multiplier ? longest : base * multiplier);
    out = true;
  }

  boolean isOut(long now) {
    if (out && now - until >= 0) {
      out = false;
      fiveHundreds = 0;
      gatewayErrors = 0;
      localFailures = 0;
    }
    return out;
  }
}
