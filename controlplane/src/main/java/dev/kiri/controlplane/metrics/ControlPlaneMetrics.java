package dev.kiri.controlplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// All metrics of a control plane, under upstream's names (controlplane.md 18).
public record ControlPlaneMetrics(
    DiscoveryMetrics discovery,
    SourceMetrics source,
    CertificateMetrics certificates,
    WriteMetrics writes) {

  /// Registers all families.
  public static ControlPlaneMetrics register(
      PrometheusRegistry registry, String version, Clock clock) {
    Families families = new Families(registry);
    families
        .gauge("pilot_info", "The control plane's version.", "version")
        .labelValues(version)
        .set(1);
    Instant began = clock.instant();
    families.gauge(
        "istiod_uptime_seconds",
        "Seconds since the control plane began.",
        () -> Duration.between(began, clock.instant()).toMillis() / 1e3);
    families
        .gauge("istiod_managed_clusters", "Clusters this control plane reads.", "cluster_type")
        .labelValues("local")
        .set(1);
    Counter triggers =
        families.counter("pilot_push_triggers", "What responses were sent for.", "type");
    return new ControlPlaneMetrics(
        new DiscoveryMetrics(families, triggers),
        new SourceMetrics(families, triggers),
        new CertificateMetrics(families, clock),
        new WriteMetrics(families));
  }
}
