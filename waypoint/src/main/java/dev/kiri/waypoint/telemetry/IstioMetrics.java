package dev.kiri.waypoint.telemetry;

import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.waypoint.proxy.Client;
import dev.kiri.waypoint.proxy.ConnectionReport;
import dev.kiri.waypoint.proxy.Destination;
import dev.kiri.waypoint.proxy.RequestReport;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Upstream's request and connection metrics with `reporter="waypoint"`. Safe on any thread. The
/// number of request series is bounded: behind the bound requests are counted in
/// `kiri_metrics_dropped_total` only.
public final class IstioMetrics {
  private static final int MAX_SERIES = 20_000;

  /// Milliseconds and bytes alike, as upstream has them.
  private static final double[] BUCKETS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000,
    1800000, 3600000
  };

  private final Counter requests;
  private final Histogram durations;
  private final Histogram requestBytes;
  private final Histogram responseBytes;
  private final Counter opened;
  private final Counter closed;
  private final Counter sent;
  private final Counter received;
  private final Counter dropped;
  private final Counter refusedTunnels;
  private final Map<RequestSeries, Points> series = new ConcurrentHashMap<>();

  private record Points(
      CounterDataPoint requests,
      DistributionDataPoint duration,
      DistributionDataPoint requestBytes,
      DistributionDataPoint responseBytes) {}

  public IstioMetrics(PrometheusRegistry registry) {
    requests = counter(registry, "istio_requests", "Requests.", SeriesLabels.REQUEST_NAMES);
    durations = histogram(registry, "istio_request_duration_milliseconds", "Request durations.");
    requestBytes = histogram(registry, "istio_request_bytes", "Bytes of request bodies.");
    responseBytes = histogram(registry, "istio_response_bytes", "Bytes of response bodies.");
    String[] tcp = SeriesLabels.TCP_NAMES;
    opened = counter(registry, "istio_tcp_connections_opened", "Opened TCP connections.", tcp);
    closed = counter(registry, "istio_tcp_connections_closed", "Closed TCP connections.", tcp);
    sent = counter(registry, "istio_tcp_sent_bytes", "Bytes sent to clients.", tcp);
    received = counter(registry, "istio_tcp_received_bytes", "Bytes received from clients.", tcp);
    refusedTunnels =
        counter(
            registry,
            "kiri_tunnels_refused",
            "Tunnels refused because of the peer's certificate.",
            "reason");
    dropped = counter(registry, "kiri_metrics_dropped", "Requests without a series of their own.");
  }

  private static Counter counter(
      PrometheusRegistry registry, String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private static Histogram histogram(PrometheusRegistry registry, String name, String help) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .labelNames(SeriesLabels.REQUEST_NAMES)
        .classicOnly()
        .classicUpperBounds(BUCKETS)
        .register(registry);
  }

  public void peerRejected(PeerRejected why) {
    refusedTunnels.labelValues(why.kind()).inc();
  }

  public void request(RequestReport report) {
    RequestSeries key = RequestSeries.of(report);
    Points points = series.get(key);
    if (points == null) {
      if (series.size() >= MAX_SERIES) {
        dropped.inc();
        return;
      }
      points = series.computeIfAbsent(key, this::points);
    }
    points.requests().inc();
    points.duration().observe((double) report.durationMillis());
    points.requestBytes().observe((double) report.bytesReceived());
    points.responseBytes().observe((double) report.bytesSent());
  }

  private Points points(RequestSeries key) {
    String[] labels = SeriesLabels.request(key);
    return new Points(
        requests.labelValues(labels),
        durations.labelValues(labels),
        requestBytes.labelValues(labels),
        responseBytes.labelValues(labels));
  }

  public void connectionOpened(Client client, Destination destination) {
    opened.labelValues(SeriesLabels.tcp(client, destination, null, "-")).inc();
  }

  public void connectionFinished(ConnectionReport report) {
    if (report.target() == null) {
      return;
    }
    String[] labels =
        SeriesLabels.tcp(report.client(), report.destination(), report.target(), report.flags());
    closed.labelValues(labels).inc();
    sent.labelValues(labels).inc(report.bytesSent());
    received.labelValues(labels).inc(report.bytesReceived());
  }
}
