package dev.kiri.ops.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import dev.kiri.ops.accesslog.LineLayout;
import dev.kiri.ops.accesslog.LineWriter;
import dev.kiri.ops.accesslog.LogFormat;
import dev.kiri.ops.accesslog.LogLevel;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.slf4j.event.KeyValuePair;

/// Lays an event out as one line and leaves it with the writer. Texts are quoted, numbers, flags
/// and addresses are not, as upstream does.
final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private final LineWriter writer;
  private final LogFormat format;

  LineAppender(LineWriter writer, LogFormat format) {
    this.writer = writer;
    this.format = format;
  }

  @Override
  protected void append(ILoggingEvent event) {
    var line =
        LineLayout.begin(
            format,
            event.getInstant(),
            LogLevel.parse(event.getLevel().toString()),
            LogScope.of(event.getLoggerName()),
            event.getFormattedMessage());
    var pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> add(line, pair));
    }
    if (event.getThrowableProxy() != null) {
      line.quoted("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()).strip());
    }
    writer.write(line.end());
  }

  private static void add(LineLayout line, KeyValuePair pair) {
    switch (pair.value) {
      case CharSequence text -> line.quoted(pair.key, text.toString());
      case Long number -> line.number(pair.key, number);
      case Integer number -> line.number(pair.key, number);
      case null -> {}
      case InetSocketAddress address -> line.bare(pair.key, NetUtil.toSocketAddressString(address));
      default -> line.bare(pair.key, pair.value.toString());
    }
  }
}
