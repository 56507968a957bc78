package dev.kiri.ztunnel.telemetry;

import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ops.accesslog.AccessLog;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;

/// Where connections are reported. Thread-safe; never blocks.
public final class Telemetry {
  private final ConnectionLog log;
  private final TrafficMetrics metrics;
  private final LookupMetrics lookups;
  private final LongSupplier nanos;

  /// `nanos` is a monotonic clock.
  public Telemetry(AccessLog log, PrometheusRegistry registry, LongSupplier nanos) {
    this.log = new ConnectionLog(log);
    this.metrics = new TrafficMetrics(registry, nanos);
    this.lookups = new LookupMetrics(registry, nanos);
    this.nanos = nanos;
  }

  /// A connection is about to be carried out; `startNanos` is when it arrived.
  public ConnectionReport opened(ConnectionFacts facts, long startNanos) {
    return new ConnectionReport(facts, log, metrics, nanos, startNanos);
  }

  /// A connection was closed before anything could be said about it: a line, no metrics.
  public void refused(
      Direction direction, InetSocketAddress source, InetSocketAddress destination, String error) {
    log.refused(direction, source, destination, error);
  }

  /// A host name is looked up for a connection of this workload.
  public void lookedUp(Workload source, String hostname) {
    lookups.lookedUp(source, hostname);
  }

  /// A socket was accepted.
  public void socketOpened(Direction direction) {
    metrics.socketOpened(direction);
  }

  /// It is closed.
  public void socketClosed(Direction direction) {
    metrics.socketClosed(direction);
  }

  /// A tunnel was refused because of its peer's certificate.
  public void peerRejected(Direction direction, PeerRejected why) {
    metrics.peerRejected(direction, why.kind());
    if (why instanceof PeerRejected.Revoked) {
      metrics.peerRevoked(direction);
    }
  }

  /// A tunnel was closed because its peer's certificate is revoked by now.
  public void peerRevoked(Direction direction) {
    metrics.peerRevoked(direction);
  }

  /// The monotonic clock.
  public long now() {
    return nanos.getAsLong();
  }
}
