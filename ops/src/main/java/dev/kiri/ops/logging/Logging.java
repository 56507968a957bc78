package dev.kiri.ops.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.kiri.ops.accesslog.AccessLog;
import dev.kiri.ops.accesslog.LineWriter;
import dev.kiri.ops.accesslog.LogFormat;
import dev.kiri.ops.accesslog.LogLevel;
import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.settings.Settings;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.LoggerFactory;

/// The process's log. Thread-safe.
public final class Logging implements AutoCloseable {
  private final LoggerContext context;
  private final LineWriter writer;
  private final LogFormat format;
  private final LogFilter initial;
  private final Set<Logger> touched = new HashSet<>();
  private LogFilter filter;

  Logging(LoggerContext context, LineWriter writer, LogFormat format, LogFilter initial) {
    this.context = context;
    this.writer = writer;
    this.format = format;
    this.initial = initial;
    this.filter = initial;
    var appender = new LineAppender(writer, format);
    appender.setContext(context);
    appender.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(appender);
    install(initial);
  }

  /// Starts logging to standard output as `LOG_FORMAT` and `RUST_LOG` say. Malformed values are
  /// noted as problems of `settings`.
  public static Logging start(Settings settings) {
    var format = settings.parsed("LOG_FORMAT", LogFormat.PLAIN, LogFormat::parse);
    var filter = settings.parsed("RUST_LOG", LogFilter.parse("info"), LogFilter::parse);
    // not System.out: its lock and its encoder would stand between the writer and the descriptor
    var out = new FileOutputStream(FileDescriptor.out);
    var writer = new LineWriter(out, LineWriter.DEFAULT_CAPACITY);
    return new Logging((LoggerContext) LoggerFactory.getILoggerFactory(), writer, format, filter);
  }

  /// Access lines that go the same way, and obey the level of scope `access`.
  public AccessLog accessLog() {
    var logger = context.getLogger(AccessLog.SCOPE);
    return new AccessLog(
        writer, format, Clock.systemUTC(), level -> logger.isEnabledFor(level(level)));
  }

  /// The filter in force.
  public synchronized LogFilter filter() {
    return filter;
  }

  /// Adds entries to the filter in force; throws [IllegalArgumentException] if they are malformed.
  public synchronized void add(String entries) {
    install(filter.plus(entries));
  }

  /// Goes back to the filter of the start, plus entries, which may be empty.
  public synchronized void reset(String entries) {
    install(initial.plus(entries));
  }

  /// Answers `/logging`.
  public AdminHandler handler() {
    return new LoggingHandler(this);
  }

  /// How many lines were dropped because the output did not keep up.
  public long dropped() {
    return writer.dropped();
  }

  /// Writes what waits and ends the writer.
  @Override
  public void close() {
    writer.close();
  }

  private void install(LogFilter next) {
    for (var logger : touched) {
      logger.setLevel(null);
    }
    touched.clear();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level(next.level()));
    next.scopes()
        .forEach(
            (scope, level) -> {
              for (var name : LogScope.loggers(scope)) {
                var logger = context.getLogger(name);
                logger.setLevel(level(level));
                touched.add(logger);
              }
            });
    filter = next;
  }

  private static Level level(LogLevel level) {
    return switch (level) {
      case OFF -> Level.OFF;
      case ERROR -> Level.ERROR;
      case WARN -> Level.WARN;
      case INFO -> Level.INFO;
      case DEBUG -> Level.DEBUG;
      case TRACE -> Level.TRACE;
    };
  }
}
