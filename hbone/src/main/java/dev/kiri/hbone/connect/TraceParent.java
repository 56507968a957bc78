package dev.kiri.hbone.connect;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The W3C trace context of one application connection: its trace id is the `id` in the logs of
/// both ends. Immutable.
public record TraceParent(String traceId, String spanId, String flags) {
  private static final int LENGTH = 55;

  /// Reads the version-00 form of exactly 55 characters; null for anything else.
  public static @Nullable TraceParent parse(String value) {
    if (value.length() != LENGTH
        || !value.startsWith("00-")
        || value.charAt(35) != '-'
        || value.charAt(52) != '-'
        || !isHex(value, 3, 35)
        || !isHex(value, 36, 52)
        || !isHex(value, 53, LENGTH)) {
      return null;
    }
    return new TraceParent(value.substring(3, 35), value.substring(36, 52), value.substring(53));
  }

  /// A new one for a new connection.
  public static TraceParent random(RandomGenerator random) {
    var hex = HexFormat.of();
    return new TraceParent(
        hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong()),
        hex.toHexDigits(random.nextLong()),
        "00");
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!HexFormat.isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  public String format() {
    return "00-" + traceId + "-" + spanId + "-" + flags;
  }
}
