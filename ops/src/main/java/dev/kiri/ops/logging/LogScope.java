package dev.kiri.ops.logging;

import java.util.List;

/// The translation between logger names and the scopes users see: `dev.kiri.hbone.pool.TunnelPool`
/// logs as `hbone.pool`, and a name without dots, such as `access`, as itself.
final class LogScope {
  private static final String OURS = "dev.kiri.";

  private LogScope() {}

  static String of(String loggerName) {
    if (!loggerName.startsWith(OURS)) {
      return loggerName;
    }
    int lastDot = loggerName.lastIndexOf('.');
    boolean endsInClass =
        lastDot + 1 < loggerName.length() && Character.isUpperCase(loggerName.charAt(lastDot + 1));
    return loggerName.substring(
        OURS.length(), endsInClass && lastDot > OURS.length() ? lastDot : loggerName.length());
  }

  /// The loggers a scope's level is set on: the scope may be one of ours or anyone's.
  static List<String> loggers(String scope) {
    return List.of(scope, OURS + scope);
  }
}
