package dev.kiri.ztunnel.dns;

import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.telemetry.IdleSeries;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Upstream's `istio_dns_*` families, and what this proxy counts besides. Thread-safe.
///
/// The sets of labels are bounded as [IdleSeries] says.
final class DnsMetrics {
  private static final String UNKNOWN = "unknown";
  private static final String[] LABELS = {
    "request_query_type",
    "request_protocol",
    "source_canonical_service",
    "source_canonical_revision"
  };

  private final Counter requests;
  private final Counter forwarded;
  private final Counter failures;
  private final Histogram duration;
  private final Counter cached;
  private final Counter refused;
  private final IdleSeries series;

  /// Why a question is not answered.
  enum Refusal {
    /// Not a message of DNS.
    MALFORMED,
    /// The pod has too many open.
    POD_LIMIT,
    /// All pods together have.
    NODE_LIMIT,
    /// Too many connections of the pod.
    CONNECTIONS,
    /// The client does not take its answers.
    UNREAD
  }

  /// `inFlight` tells how many questions are open; `nanos` is a monotonic clock.
  DnsMetrics(PrometheusRegistry registry, IntSupplier inFlight, LongSupplier nanos) {
    series = new IdleSeries(nanos, this::forget);
    requests = counter(registry, "istio_dns_requests", "Total number of DNS requests (unstable).");
    forwarded =
        counter(
            registry,
            "istio_dns_upstream_requests",
            "Total number of DNS requests forwarded to upstream (unstable).");
    failures =
        counter(
            registry,
            "istio_dns_upstream_failures",
            "Total number of DNS requests which failed to forward upstream (unstable).");
    duration =
        Histogram.builder()
            .withoutExemplars()
            .name("istio_dns_upstream_request_duration_seconds")
            .help("Total time in seconds Istio takes to get DNS response from upstream (unstable).")
            .classicOnly()
            .classicUpperBounds(0.0005, 0.001, 0.01, 0.1, 1, 5)
            .labelNames(LABELS)
            .register(registry);
    cached =
        Counter.builder()
            .withoutExemplars()
            .name("kiri_dns_cached_answers")
            .help("Questions answered with what a name server said before (unstable).")
            .register(registry);
    refused =
        Counter.builder()
            .withoutExemplars()
            .name("kiri_dns_refused")
            .help("Questions that were not looked at, by reason (unstable).")
            .labelNames("reason")
            .register(registry);
    GaugeWithCallback.builder()
        .name("kiri_dns_in_flight")
        .help("Questions that wait for an answer (unstable).")
        .callback(value -> value.call(inFlight.getAsInt()))
        .register(registry);
  }

  private static Counter counter(PrometheusRegistry registry, String name, String help) {
    return Counter.builder()
        .withoutExemplars()
        .name(name)
        .help(help)
        .labelNames(LABELS)
        .register(registry);
  }

  /// The labels of a question, with which the other calls are made.
  String[] labels(DnsQuery query, boolean tcp, @Nullable Workload client) {
    var values =
        List.of(
            query.typeName().toLowerCase(Locale.ROOT),
            tcp ? "tcp" : "udp",
            client == null ? UNKNOWN : known(client.canonicalName()),
            client == null ? UNKNOWN : known(client.canonicalRevision()));
    return series.used(values);
  }

  void asked(String[] labels) {
    requests.labelValues(labels).inc();
  }

  /// A question went to a name server and came back after a while.
  void forwarded(String[] labels, long tookNanos, boolean failed) {
    forwarded.labelValues(labels).inc();
    duration.labelValues(labels).observe((double) tookNanos / TimeUnit.SECONDS.toNanos(1));
    if (failed) {
      failures.labelValues(labels).inc();
    }
  }

  void cached() {
    cached.inc();
  }

  void refused(Refusal why) {
    refused.labelValues(why.name().toLowerCase(Locale.ROOT)).inc();
  }

  private void forget(String[] labels) {
    requests.remove(labels);
    forwarded.remove(labels);
    failures.remove(labels);
    duration.remove(labels);
  }

  private static String known(String value) {
    return value.isEmpty() ? UNKNOWN : value;
  }
}
