package dev.kiri.ops.settings;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as Go and Kubernetes write them: `10s`, `5m`, `1h30m`, `250ms`. No sign, no fraction.
public final class Durations {
  private static final Pattern WHOLE = Pattern.compile("(\\d{1,12}(?:ms|us|ns|h|m|s))+");
  private static final Pattern PART = Pattern.compile("(\\d{1,12})(ms|us|ns|h|m|s)");

  private Durations() {}

  /// Throws [IllegalArgumentException] saying what is expected when `text` is not a duration.
  public static Duration parse(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException("expected a duration such as 10s, 5m or 1h30m");
    }
    var sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long count = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "h" -> Duration.ofHours(count);
                case "m" -> Duration.ofMinutes(count);
                case "s" -> Duration.ofSeconds(count);
                case "ms" -> Duration.ofMillis(count);
                case "us" -> Duration.ofNanos(Math.multiplyExact(count, 1_000));
                default -> Duration.ofNanos(count);
              });
    }
    return sum;
  }
}
