package dev.kiri.controlplane.kinds;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as upstream's own kinds have them: decimal numbers with a unit, `1h30m`, `0.5s`.
final class GoDuration {
  private static final String PART = "([0-9]+(?:[.][0-9]+)?)(ms|us|ns|h|m|s)";
  private static final Pattern PARTS = Pattern.compile(PART);
  private static final Pattern WHOLE = Pattern.compile("(?:" + PART + "){1,6}");

  private GoDuration() {}

  static Optional<Duration> parse(String text) {
    if (text.length() > 32 || !WHOLE.matcher(text).matches()) {
      return Optional.empty();
    }
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher parts = PARTS.matcher(text);
    while (parts.find()) {
      long unit =
          switch (parts.group(2)) {
            case "h" -> 3_600_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "s" -> 1_000_000_000L;
            case "ms" -> 1_000_000L;
            case "us" -> 1_000L;
            default -> 1L;
          };
      nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit)));
    }
    return nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(nanos.longValue()));
  }
}
