package dev.kiri.controlplane.metrics;

import dev.kiri.controlplane.xds.DiscoveryObserver;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What is told to proxies, and what they think of it.
public final class DiscoveryMetrics implements DiscoveryObserver {
  private static final String TYPE = "type";

  /// Versions that have a series of their own: proxies say what they like.
  static final int MAX_VERSIONS = 20;

  private final Set<String> versions = ConcurrentHashMap.newKeySet();
  private final Gauge xds;
  private final Counter triggers;
  private final Counter pushes;
  private final Counter bytes;
  private final Histogram sizes;
  private final Histogram pushTime;
  private final Histogram sendTime;
  private final Histogram queueTime;
  private final Histogram convergence;
  private final Counter rejects;
  private final Counter expiredNonces;
  private final Counter internalErrors;

  DiscoveryMetrics(Families families, Counter triggers) {
    this.triggers = triggers;
    xds = families.gauge("pilot_xds", "Proxies connected to this control plane.", "version");
    pushes = families.counter("pilot_xds_pushes", "Responses by type.", TYPE);
    bytes = families.counter("pilot_xds_sent_bytes", "Bytes of responses by type.", TYPE);
    sizes =
        families.histogram(
            "pilot_xds_config_size_bytes",
            "Bytes of a response by type.",
            new double[] {1, 1e4, 1e6, 4e6, 1e7, 4e7},
            TYPE);
    pushTime =
        families.seconds(
            "pilot_xds_push_time", "Seconds to collect what a proxy is told and send it.", TYPE);
    sendTime =
        families.seconds(
            "pilot_xds_send_time", "Seconds until the transport has taken a response.", TYPE);
    queueTime =
        families.seconds(
            "pilot_proxy_queue_time", "Seconds a change waits for a proxy to take more.");
    convergence =
        families.seconds(
            "pilot_proxy_convergence_time",
            "Seconds from a change of a resource to its being sent to a proxy.");
    rejects = families.counter("pilot_total_xds_rejects", "Responses refused by proxies.", TYPE);
    expiredNonces =
        families.counter("pilot_xds_expired_nonce", "Requests with an expired nonce.", TYPE);
    internalErrors = families.counter("pilot_total_xds_internal_errors", "Errors on our own side.");
  }

  @Override
  public void connected(String version) {
    xds.labelValues(bounded(version)).inc();
  }

  @Override
  public void disconnected(String version) {
    xds.labelValues(bounded(version)).dec();
  }

  private String bounded(String version) {
    String name = version.isEmpty() ? "unknown" : version;
    if (versions.contains(name)) {
      return name;
    }
    synchronized (versions) {
      if (versions.size() < MAX_VERSIONS) {
        versions.add(name);
        return name;
      }
      return "other";
    }
  }

  @Override
  public void asked(String typeUrl) {
    triggers.labelValues("proxyrequest").inc();
  }

  @Override
  public void queued(long nanos) {
    queueTime.observe(Families.seconds(nanos));
  }

  @Override
  public void sent(String typeUrl, int size, long nanos, long nanosSinceChange) {
    String type = shortType(typeUrl);
    pushes.labelValues(type).inc();
    bytes.labelValues(type).inc(size);
    sizes.labelValues(type).observe(size);
    sendTime.labelValues(type).observe(Families.seconds(nanos));
    if (nanosSinceChange > 0) {
      convergence.observe(Families.seconds(nanosSinceChange));
    }
  }

  @Override
  public void pushed(String typeUrl, long nanos) {
    pushTime.labelValues(shortType(typeUrl)).observe(Families.seconds(nanos));
  }

  @Override
  public void rejected(String typeUrl, String message) {
    rejects.labelValues(shortType(typeUrl)).inc();
  }

  @Override
  public void staleNonce(String typeUrl) {
    expiredNonces.labelValues(shortType(typeUrl)).inc();
  }

  @Override
  public void internalError() {
    internalErrors.inc();
  }

  /// Upstream's short names; clients may ask for any type, so all others share one.
  private static String shortType(String typeUrl) {
    return switch (typeUrl) {
      case "type.googleapis.com/istio.workload.Address" -> "wds";
      case "type.googleapis.com/istio.security.Authorization" -> "wads";
      case "type.googleapis.com/kiri.waypoint.v1.Resource" -> "waypoint";
      default -> "other";
    };
  }
}
