package dev.kiri.controlplane;

import dev.kiri.controlplane.ca.CertificateObserver;
import dev.kiri.controlplane.ca.IssueOutcome;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.xds.DiscoveryObserver;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.List;

/// The control plane's metrics under upstream's names (controlplane.md 18). Thread-safe.
final class ControlPlaneMetrics implements DiscoveryObserver, CertificateObserver {
  private static final double NANOS = 1e9;
  private static final String TYPE = "type";

  private final Gauge xds;
  private final Counter pushes;
  private final Counter bytes;
  private final Counter rejects;
  private final Counter expiredNonces;
  private final Counter internalErrors;
  private final Histogram convergence;
  private final Histogram indexing;
  private final Counter events;
  private final Gauge services;
  private final Counter csrs;
  private final Counter csrAuthenticationFailures;
  private final Counter csrErrors;
  private final Counter issued;
  private final Gauge rootExpiry;

  ControlPlaneMetrics(PrometheusRegistry registry, String version) {
    Gauge.builder()
        .name("pilot_info")
        .help("Pilot version and build information.")
        .labelNames("version")
        .register(registry)
        .labelValues(version)
        .set(1);
    xds =
        Gauge.builder()
            .name("pilot_xds")
            .help("Number of endpoints connected to this pilot using XDS.")
            .register(registry);
    pushes = counter(registry, "pilot_xds_pushes", "Pilot responses by type.", TYPE);
    bytes = counter(registry, "pilot_xds_sent_bytes", "Bytes of responses by type.", TYPE);
    rejects = counter(registry, "pilot_total_xds_rejects", "Responses refused by clients.", TYPE);
    expiredNonces =
        counter(registry, "pilot_xds_expired_nonce", "Requests with an expired nonce.", TYPE);
    internalErrors =
        counter(registry, "pilot_total_xds_internal_errors", "Errors on our own side.");
    convergence =
        Histogram.builder()
            .name("pilot_proxy_convergence_time")
            .help("Seconds from a change of a resource to its being sent to a proxy.")
            .classicOnly()
            .classicUpperBounds(.005, .01, .02, .05, .1, .5, 1, 3, 5, 10, 20, 30)
            .register(registry);
    indexing =
        Histogram.builder()
            .name("pilot_pushcontext_init_seconds")
            .help("Seconds to take a batch of changes into the index.")
            .classicOnly()
            .classicUpperBounds(.001, .005, .01, .05, .1, .5, 1, 5)
            .register(registry);
    events =
        counter(registry, "pilot_k8s_reg_events", "Events from the object source.", TYPE, "event");
    services =
        Gauge.builder().name("pilot_services").help("Services known to pilot.").register(registry);
    csrs = counter(registry, "citadel_server_csr_count", "Certificate requests received.");
    csrAuthenticationFailures =
        counter(
            registry,
            "citadel_server_authentication_failure_count",
            "Certificate requests of callers that are not who they should be.");
    csrErrors =
        counter(
            registry,
            "citadel_server_csr_sign_err_count",
            "Certificate requests that could not be signed.",
            "error");
    issued =
        counter(registry, "citadel_server_success_cert_issuance_count", "Certificates issued.");
    rootExpiry =
        Gauge.builder()
            .name("citadel_server_root_cert_expiry_timestamp")
            .help("Unix time at which the root certificate expires.")
            .register(registry);
  }

  private static Counter counter(
      PrometheusRegistry registry, String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  void applied(List<ObjectChange> changes, long nanos) {
    indexing.observe(nanos / NANOS);
    for (ObjectChange change : changes) {
      String event =
          switch (change) {
            case ObjectChange.Put _ -> "update";
            case ObjectChange.Refused _ -> "refused";
            case ObjectChange.Gone _ -> "delete";
          };
      events.labelValues(change.key().kind().kindName(), event).inc();
    }
  }

  void services(int number) {
    services.set(number);
  }

  void rootExpires(Instant at) {
    rootExpiry.set((double) at.getEpochSecond());
  }

  @Override
  public void connections(int now) {
    xds.set(now);
  }

  @Override
  public void pushed(String typeUrl, int size, long nanosSinceChange) {
    pushes.labelValues(shortType(typeUrl)).inc();
    bytes.labelValues(shortType(typeUrl)).inc(size);
    if (nanosSinceChange > 0) {
      convergence.observe(nanosSinceChange / NANOS);
    }
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

  @Override
  public void requested() {
    csrs.inc();
  }

  @Override
  public void authenticationFailed() {
    csrAuthenticationFailures.inc();
  }

  @Override
  public void failed(IssueOutcome.Reason reason) {
    csrErrors.labelValues(reason.name()).inc();
  }

  @Override
  public void issued() {
    issued.inc();
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
