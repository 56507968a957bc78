package dev.kiri.controlplane.kinds;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The duration form of the Gateway API (GEP-2257): one to four parts of at most five digits with
/// unit h, m, s or ms.
final class GatewayDuration {
  private static final Pattern WHOLE = Pattern.compile("([0-9]{1,5}(h|m|s|ms)){1,4}");
  private static final Pattern PART = Pattern.compile("([0-9]{1,5})(ms|h|m|s)");

  private GatewayDuration() {}

  static Optional<Duration> parse(String text) {
    if (text.length() > 32 || !WHOLE.matcher(text).matches()) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    Matcher parts = PART.matcher(text);
    while (parts.find()) {
      long amount = Long.parseLong(parts.group(1));
      sum =
          switch (parts.group(2)) {
            case "h" -> sum.plusHours(amount);
            case "m" -> sum.plusMinutes(amount);
            case "s" -> sum.plusSeconds(amount);
            default -> sum.plusMillis(amount);
          };
    }
    return Optional.of(sum);
  }
}
