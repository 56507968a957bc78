package dev.kiri.ops.accesslog;

/// How log lines are laid out: `LOG_FORMAT`.
public enum LogFormat {
  /// Fields separated by tabs: time, level, scope, message, `key=value` pairs.
  PLAIN,
  /// One JSON object a line with `level`, `time`, `scope`, `message` first.
  JSON;

  /// `plain` or `json`; anything else throws [IllegalArgumentException].
  public static LogFormat parse(String text) {
    return switch (text) {
      case "plain" -> PLAIN;
      case "json" -> JSON;
      default -> throw new IllegalArgumentException("expected plain or json");
    };
  }
}
