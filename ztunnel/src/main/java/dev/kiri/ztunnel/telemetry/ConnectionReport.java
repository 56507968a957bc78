package dev.kiri.ztunnel.telemetry;

import dev.kiri.mesh.policy.DenyReason;
import dev.kiri.mesh.policy.PolicyVerdict;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One connection from opening to its line in the log. Confined to the connection's event loop.
public final class ConnectionReport {
  private static final int MAX_NAMES = 10;

  private final ConnectionFacts facts;
  private final ConnectionLog log;
  private final TrafficMetrics metrics;
  private final LongSupplier nanos;
  private final long startNanos;
  private final List<String> labels;
  private final TrafficMetrics.Series series;
  private long requestBytes;
  private long responseBytes;
  private boolean closed;

  ConnectionReport(
      ConnectionFacts facts,
      ConnectionLog log,
      TrafficMetrics metrics,
      LongSupplier nanos,
      long startNanos) {
    this.facts = facts;
    this.log = log;
    this.metrics = metrics;
    this.nanos = nanos;
    this.startNanos = startNanos;
    this.labels = TrafficLabels.of(facts);
    this.series = metrics.open(labels);
    log.opened(facts);
  }

  public ConnectionFacts facts() {
    return facts;
  }

  /// Bytes from the client towards the server.
  public void request(long bytes) {
    requestBytes += bytes;
    series.received(bytes);
  }

  /// Bytes from the server towards the client.
  public void response(long bytes) {
    responseBytes += bytes;
    series.sent(bytes);
  }

  /// The connection ended as both ends wanted.
  public void closed() {
    close(ResponseFlag.NONE, null, "", null);
  }

  /// The connection failed. Only the first end counts.
  public void failed(ResponseFlag flag, String error) {
    close(flag, error, "", null);
  }

  /// A policy refused the connection; where only the lack of a matching ALLOW policy did, the log
  /// names those there are.
  public void denied(PolicyVerdict.Denied verdict) {
    var policies =
        verdict.reason() instanceof DenyReason.NothingAllowed(var names)
            ? String.join(",", names.subList(0, Math.min(names.size(), MAX_NAMES)))
            : null;
    close(ResponseFlag.DENY, verdict.text(), "policies", policies);
  }

  /// The attempt failed, and the connection goes on to another endpoint, `next`, under a report of
  /// its own.
  public void retried(ResponseFlag flag, String error, String next) {
    if (!closed) {
      metrics.retried();
      close(flag, error, "retried_on", next);
    }
  }

  /// Whether the end was reported.
  public boolean isClosed() {
    return closed;
  }

  private void close(
      ResponseFlag flag, @Nullable String error, String key, @Nullable String value) {
    if (closed) {
      return;
    }
    closed = true;
    metrics.close(series, labels, flag);
    // sent and received are from the viewpoint of the workload whose side this is
    boolean outbound = facts.direction() == Direction.OUTBOUND;
    log.complete(
        facts,
        outbound ? requestBytes : responseBytes,
        outbound ? responseBytes : requestBytes,
        TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong() - startNanos),
        error,
        key,
        value);
  }
}
