package dev.kiri.mesh.ca;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The failures of one identity since its last success, and what they mean for the next try.
/// Immutable.
///
/// @param since when the first of them happened
record Retry(int failures, @Nullable Instant since) {
  static final Retry NONE = new Retry(0, null);

  Retry failed(Instant now) {
    return new Retry(failures + 1, since == null ? now : since);
  }

  /// How long to wait after the latest failure.
  Duration pause(Instant now, CertificateSettings settings, RandomGenerator random) {
    if (since != null && Duration.between(since, now).compareTo(settings.steadyAfter()) >= 0) {
      return settings.longestRetry();
    }
    var base = settings.firstRetry();
    for (int doubled = 1; doubled < failures; doubled++) {
      base = base.multipliedBy(2);
      if (base.compareTo(settings.longestRetry()) >= 0) {
        break;
      }
    }
    double factor = 1 - settings.spread() + 2 * settings.spread() * random.nextDouble();
    var spread = Duration.ofNanos((long) (base.toNanos() * factor));
    return spread.compareTo(settings.longestRetry()) > 0 ? settings.longestRetry() : spread;
  }
}
