package dev.kiri.ztunnel.telemetry;

import dev.kiri.ops.accesslog.AccessLog;
import dev.kiri.ops.accesslog.LineLayout;
import dev.kiri.ops.accesslog.LogLevel;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The access log's lines about connections: fields, order and levels of upstream. Thread-safe.
final class ConnectionLog {
  private final AccessLog log;

  ConnectionLog(AccessLog log) {
    this.log = log;
  }

  /// `connection opened`, at debug.
  void opened(ConnectionFacts facts) {
    if (log.enabled(LogLevel.DEBUG)) {
      log.log(LogLevel.DEBUG, "connection opened", line -> describe(line, facts));
    }
  }

  /// `connection complete`; an error makes it level error, but only a warning where `next` names
  /// the endpoint that is tried instead.
  void complete(
      ConnectionFacts facts,
      long bytesSent,
      long bytesReceived,
      long millis,
      @Nullable String error,
      String key,
      @Nullable String value) {
    log.log(
        level(error, key),
        "connection complete",
        line -> {
          describe(line, facts);
          line.number("bytes_sent", bytesSent)
              .number("bytes_recv", bytesReceived)
              .quoted("duration", millis + "ms");
          text(line, "error", error);
          text(line, key, value);
        });
  }

  private static LogLevel level(@Nullable String error, String key) {
    if (error == null) {
      return LogLevel.INFO;
    }
    return key.equals("retried_on") ? LogLevel.WARN : LogLevel.ERROR;
  }

  /// A connection that was closed before anything was known about it.
  void refused(
      Direction direction, InetSocketAddress source, InetSocketAddress destination, String error) {
    log.log(
        LogLevel.WARN,
        "connection failed",
        line ->
            line.bare("src.addr", NetUtil.toSocketAddressString(source))
                .bare("dst.addr", NetUtil.toSocketAddressString(destination))
                .quoted("direction", direction.text())
                .quoted("error", error));
  }

  private static void describe(LineLayout line, ConnectionFacts facts) {
    line.bare("src.addr", NetUtil.toSocketAddressString(facts.sourceAddress()));
    peer(line, "src", facts.source(), facts.sourceIdentity());
    line.bare("dst.addr", NetUtil.toSocketAddressString(facts.destinationAddress()));
    if (facts.hboneTarget() != null) {
      line.bare("dst.hbone_addr", facts.hboneTarget());
    }
    if (facts.service() != null) {
      line.quoted("dst.service", facts.service().hostname());
    }
    peer(line, "dst", facts.destination(), facts.destinationIdentity());
    line.quoted("direction", facts.direction().text());
  }

  private static void peer(
      LineLayout line, String side, @Nullable PeerLabels peer, @Nullable Object identity) {
    if (peer != null) {
      text(line, side + ".workload", peer.logName());
      text(line, side + ".namespace", peer.namespace());
    }
    if (identity != null) {
      line.quoted(side + ".identity", identity.toString());
    }
    if (peer != null) {
      text(line, side + ".cluster", peer.cluster());
    }
  }

  private static void text(LineLayout line, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      line.quoted(key, value);
    }
  }
}
