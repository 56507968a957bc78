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
        || value.charAt(52) != '-') {
      return null;
    }
    var trace = value.substring(3, 35);
    var span = value.substring(36, 52);
    var flags = value.substring(53);
    return isHex(trace) && isHex(span) && isHex(flags) ? new TraceParent(trace, span, flags) : null;
  }

  /// A new one for a new connection.
  public static TraceParent random(RandomGenerator random) {
    var hex = HexFormat.of();
    return new TraceParent(
        hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong()),
        hex.toHexDigits(random.nextLong()),
        "00");
  }

  private static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
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
