package dev.kiri.ops.accesslog;

import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Access lines of scope `access`.
///
/// [#log] may be called from any thread and never blocks: it builds the line and leaves it with the
/// [LineWriter]. Whether a level is on is asked for each line, so it can be changed at run time.
public final class AccessLog {
  /// The scope of all access lines.
  public static final String SCOPE = "access";

  private final LineWriter writer;
  private final LogFormat format;
  private final Clock clock;
  private final Predicate<LogLevel> enabled;

  /// `enabled` tells whether lines of a level are wanted now.
  public AccessLog(LineWriter writer, LogFormat format, Clock clock, Predicate<LogLevel> enabled) {
    this.writer = writer;
    this.format = format;
    this.clock = clock;
    this.enabled = enabled;
  }

  /// True when a line of this level would be written; lets a caller skip gathering fields.
  public boolean enabled(LogLevel level) {
    return enabled.test(level);
  }

  /// Writes a line whose fields `fields` adds in their order.
  public void log(LogLevel level, String message, Consumer<LineLayout> fields) {
    if (!enabled(level)) {
      return;
    }
    var line = LineLayout.begin(format, clock.instant(), level, SCOPE, message);
    fields.accept(line);
    writer.write(line.end());
  }

  /// How many lines the writer had to drop.
  public long dropped() {
    return writer.dropped();
  }
}
