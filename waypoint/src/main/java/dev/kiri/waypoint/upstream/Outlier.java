package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.upstream.TrafficPolicy.Outliers;
import java.util.concurrent.atomic.AtomicReference;

/// One endpoint's failures in a row, and whether it is left out because of them (waypoint reference
/// 13.3). Time is given by the caller. Thread-safe, without locks: all loops count together.
final class Outlier {
  private static final long LONGEST_NANOS = 300_000_000_000L;

  private final AtomicReference<State> state = new AtomicReference<>(State.WELL);

  /// @param multiplier how often it was left out, less the intervals of health since
  /// @param until the end of the last time
  private record State(
      int fiveHundreds,
      int gatewayErrors,
      int localFailures,
      int multiplier,
      boolean out,
      long until) {
    static final State WELL = new State(0, 0, 0, 0, false, 0);

    State counted(int five, int gateway, int local) {
      return fiveHundreds == five && gatewayErrors == gateway && localFailures == local
          ? this
          : new State(five, gateway, local, multiplier, out, until);
    }
  }

  /// An answer came.
  ///
  /// @return whether one failure too many has come in a row
  boolean answered(int status, Outliers rules) {
    State now =
        state.updateAndGet(
            s ->
                s.counted(
                    status >= 500 ? s.fiveHundreds() + 1 : 0,
                    status >= 502 && status <= 504 ? s.gatewayErrors() + 1 : 0,
                    0));
    return tooMany(now, rules);
  }

  /// The endpoint could not be reached, or did not answer.
  boolean failed(Outliers rules) {
    if (rules.splitLocal()) {
      State now =
          state.updateAndGet(
              s -> s.counted(s.fiveHundreds(), s.gatewayErrors(), s.localFailures() + 1));
      return reached(now.localFailures(), rules.consecutiveLocal());
    }
    State now =
        state.updateAndGet(
            s -> s.counted(s.fiveHundreds() + 1, s.gatewayErrors() + 1, s.localFailures()));
    return tooMany(now, rules);
  }

  private static boolean tooMany(State now, Outliers rules) {
    return reached(now.fiveHundreds(), rules.consecutive5xx())
        || reached(now.gatewayErrors(), rules.consecutiveGateway());
  }

  private static boolean reached(int count, int limit) {
    return limit > 0 && count >= limit;
  }

  /// Leaves the endpoint out, longer each time; whole intervals of health in between count back.
  void eject(long now, Outliers rules) {
    state.updateAndGet(s -> ejected(s, now, rules));
  }

  private static State ejected(State s, long now, Outliers rules) {
    int multiplier = s.multiplier();
    if (multiplier > 0) {
      long healthy = (now - s.until()) / Math.max(1, rules.interval().toNanos());
      multiplier = (int) Math.max(0, multiplier - Math.max(0, healthy));
    }
    multiplier++;
    long base = rules.baseEjection().toNanos();
    long longest = Math.max(LONGEST_NANOS, base);
    long until = now + (base > longest / multiplier ? longest : base * multiplier);
    return new State(
        s.fiveHundreds(), s.gatewayErrors(), s.localFailures(), multiplier, true, until);
  }

  /// When it is back.
  long until() {
    return state.get().until();
  }

  boolean isOut(long now) {
    State s = state.get();
    if (s.out() && now - s.until() >= 0) {
      state.compareAndSet(s, new State(0, 0, 0, s.multiplier(), false, s.until()));
      return false;
    }
    return s.out();
  }
}
