package dev.kiri.mesh.xds;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next connection: doubling while connections do not last, small
/// again after one that did. For one thread.
///
/// Upstream does not wait at all after some ends, and never forgets a failure of hours ago; both
/// mended.
final class Pause {
  /// The wait is spread by a fifth to either side, so that proxies do not come back in step.
  private static final double SPREAD = 0.2;

  private final Duration first;
  private final Duration longest;
  private final Duration stableAfter;
  private final RandomGenerator random;
  private Duration base;

  Pause(XdsSettings settings, RandomGenerator random) {
    this.first = settings.firstPause();
    this.longest = settings.longestPause();
    this.stableAfter = settings.stableAfter();
    this.random = random;
    this.base = first;
  }

  /// @param lasted how long the connection stood that has just ended; zero if it never did
  Duration after(Duration lasted) {
    if (lasted.compareTo(stableAfter) >= 0) {
      base = first;
    } else {
      var doubled = base.multipliedBy(2);
      base = doubled.compareTo(longest) > 0 ? longest : doubled;
    }
    double factor = 1 - SPREAD + 2 * SPREAD * random.nextDouble();
    return Duration.ofNanos((long) (base.toNanos() * factor));
  }
}
