package dev.kiri.waypoint.config;

import com.google.protobuf.Duration;
import org.jspecify.annotations.Nullable;

/// Durations of the wire.
final class Durations {
  private Durations() {}

  static java.time.Duration of(Duration wire) {
    return java.time.Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
  }

  /// A timeout: unset and zero are both none. Negative is refused.
  static java.time.@Nullable Duration timeout(boolean set, Duration wire) {
    java.time.Duration value = of(wire);
    if (value.isNegative()) {
      throw new IllegalArgumentException("must not be negative");
    }
    return set && !value.isZero() ? value : null;
  }
}
