package dev.kiri.local.command;

import java.time.Duration;
import java.util.regex.Pattern;

/// Reads durations as users write them: `30s`, `500ms`, `2m`, `1m30s`, or a number of seconds.
/// Pure.
final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|)");

  private Durations() {}

  static Duration parse(String text) {
    var out = Duration.ZERO;
    var matcher = PART.matcher(text);
    int at = 0;
    while (at < text.length() && matcher.find(at) && matcher.start() == at) {
      long n = Long.parseLong(matcher.group(1));
      out =
          out.plus(
              switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(n);
                case "m" -> Duration.ofMinutes(n);
                case "h" -> Duration.ofHours(n);
                default -> Duration.ofSeconds(n);
              });
      at = matcher.end();
    }
    if (at != text.length() || text.isEmpty()) {
      throw new NotUnderstood("\"" + text + "\" is no duration; accepted: 30s, 500ms, 2m, 1m30s");
    }
    return out;
  }
}
