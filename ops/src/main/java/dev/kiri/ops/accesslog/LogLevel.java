package dev.kiri.ops.accesslog;

/// Levels in upstream's spelling, from nothing to everything.
public enum LogLevel {
  OFF,
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE;

  private final String text = name().toLowerCase(java.util.Locale.ROOT);

  /// Lower case, as in a log line.
  public String text() {
    return text;
  }

  /// Accepts the upstream names and the two that `istioctl` knows besides: `warning`, `critical`.
  public static LogLevel parse(String text) {
    return switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case "off" -> OFF;
      case "error", "critical" -> ERROR;
      case "warn", "warning" -> WARN;
      case "info" -> INFO;
      case "debug" -> DEBUG;
      case "trace" -> TRACE;
      default ->
          throw new IllegalArgumentException("expected off, error, warn, info, debug or trace");
    };
  }
}
