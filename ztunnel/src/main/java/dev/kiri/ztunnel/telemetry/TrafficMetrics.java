package dev.kiri.ztunnel.telemetry;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// Upstream's `istio_tcp_*` families. Thread-safe.
///
/// Data points are looked up once for each connection and kept with it. Series that no connection
/// uses and none has used for [#IDLE] are removed when there are more than [#MAX_SERIES], so that
/// the coming and going of pods does not grow a scrape without bound (upstream keeps them for
/// ever).
final class TrafficMetrics {
  static final int MAX_SERIES = 5_000;
  static final Duration IDLE = Duration.ofMinutes(30);

  private final Counter opened;
  private final Counter closed;
  private final Counter received;
  private final Counter sent;
  private final Counter failed;
  private final Counter retries;
  private final Counter refused;
  private final Counter revoked;
  private final Gauge sockets;
  private final ConcurrentMap<List<String>, Series> series = new ConcurrentHashMap<>();
  private final LongSupplier nanos;

  TrafficMetrics(PrometheusRegistry registry, LongSupplier nanos) {
    this.nanos = nanos;
    opened =
        counter(
            "istio_tcp_connections_opened",
            "The total number of TCP connections opened.",
            registry);
    closed =
        counter(
            "istio_tcp_connections_closed",
            "The total number of TCP connections closed.",
            registry);
    received =
        counter(
            "istio_tcp_received_bytes",
            "The size of total bytes received during request in case of a TCP connection.",
            registry);
    sent =
        counter(
            "istio_tcp_sent_bytes",
            "The size of total bytes sent during response in case of a TCP connection.",
            registry);
    failed =
        counter(
            "istio_tcp_connections_failed",
            "The total number of TCP connections that failed to establish (unstable).",
            registry);
    retries =
        Counter.builder()
            .withoutExemplars()
            .name("kiri_connect_retries")
            .help("Connections tried on another endpoint because one failed (unstable).")
            .register(registry);
    refused =
        Counter.builder()
            .withoutExemplars()
            .name("kiri_tunnels_refused")
            .help("Tunnels refused because of the peer's certificate (unstable).")
            .labelNames("reporter", "reason")
            .register(registry);
    revoked =
        Counter.builder()
            .withoutExemplars()
            .name("istio_crl_policy_rejections")
            .help("The total number of connections rejected by revoked certificates (unstable).")
            .labelNames("reporter")
            .register(registry);
    sockets =
        Gauge.builder()
            .withoutExemplars()
            .name("istio_tcp_sockets_open")
            .help("The current number of open TCP sockets (unstable).")
            .labelNames("reporter")
            .register(registry);
  }

  /// The data points of one set of labels.
  final class Series {
    private final String[] labels;
    private final CounterDataPoint openedPoint;
    private final CounterDataPoint receivedPoint;
    private final CounterDataPoint sentPoint;
    private final AtomicInteger users = new AtomicInteger();
    private volatile long lastUsed;

    private Series(List<String> values) {
      labels = values.toArray(String[]::new);
      openedPoint = opened.labelValues(labels);
      receivedPoint = received.labelValues(labels);
      sentPoint = sent.labelValues(labels);
      lastUsed = nanos.getAsLong();
    }

    void received(long bytes) {
      receivedPoint.inc(bytes);
    }

    void sent(long bytes) {
      sentPoint.inc(bytes);
    }

    private boolean idle(long now) {
      return users.get() == 0 && now - lastUsed > IDLE.toNanos();
    }
  }

  /// Counts a connection as opened.
  Series open(List<String> values) {
    var known = series.computeIfAbsent(values, Series::new);
    known.users.incrementAndGet();
    known.openedPoint.inc();
    if (series.size() > MAX_SERIES) {
      removeIdle();
    }
    return known;
  }

  /// Counts a connection as closed, under the labels of its flag.
  void close(Series used, List<String> values, ResponseFlag flag) {
    used.lastUsed = nanos.getAsLong();
    used.users.decrementAndGet();
    if (flag == ResponseFlag.NONE) {
      closed.labelValues(used.labels).inc();
      return;
    }
    var flagged = TrafficLabels.with(values, flag).toArray(String[]::new);
    closed.labelValues(flagged).inc();
    failed.labelValues(flagged).inc();
  }

  /// Counts a connection that goes on to another endpoint.
  void retried() {
    retries.inc();
  }

  /// Counts a tunnel that a peer did not get, by a few reasons.
  void peerRejected(Direction direction, String reason) {
    refused.labelValues(direction.reporter(), reason).inc();
  }

  /// Counts a tunnel that a revoked peer did not get, or lost.
  void peerRevoked(Direction direction) {
    revoked.labelValues(direction.reporter()).inc();
  }

  /// Counts an accepted socket.
  void socketOpened(Direction direction) {
    sockets.labelValues(direction.reporter()).inc();
  }

  /// Counts it back.
  void socketClosed(Direction direction) {
    sockets.labelValues(direction.reporter()).dec();
  }

  int seriesCount() {
    return series.size();
  }

  private void removeIdle() {
    long now = nanos.getAsLong();
    for (var entry : series.entrySet()) {
      if (entry.getValue().idle(now) && series.remove(entry.getKey(), entry.getValue())) {
        forget(entry.getKey());
      }
    }
  }

  private void forget(List<String> values) {
    for (var flag : ResponseFlag.values()) {
      var labels = TrafficLabels.with(values, flag).toArray(String[]::new);
      for (var family : List.of(opened, closed, received, sent, failed)) {
        family.remove(labels);
      }
    }
  }

  private static Counter counter(String name, String help, PrometheusRegistry registry) {
    return Counter.builder()
        .withoutExemplars()
        .name(name)
        .help(help)
        .labelNames(TrafficLabels.NAMES)
        .register(registry);
  }
}
