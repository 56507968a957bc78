package dev.kiri.controlplane.metrics;

import dev.kiri.controlplane.ca.CertificateObserver;
import dev.kiri.controlplane.ca.IssueOutcome;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/// What the certificate authority does.
public final class CertificateMetrics implements CertificateObserver {
  private final Counter requests;
  private final Counter authenticationFailures;
  private final Counter unreadableIdentities;
  private final Counter unreadableRequests;
  private final Counter errors;
  private final Counter issued;
  private final List<Gauge> expiry;
  private volatile Instant end = Instant.EPOCH;

  CertificateMetrics(Families families, Clock clock) {
    requests = families.counter("citadel_server_csr_count", "Certificate requests received.");
    authenticationFailures =
        families.counter(
            "citadel_server_authentication_failure_count",
            "Certificate requests of callers that are not who they should be.");
    unreadableIdentities =
        families.counter(
            "citadel_server_id_extraction_err_count",
            "Certificate requests for what is no identity.");
    unreadableRequests =
        families.counter(
            "citadel_server_csr_parsing_err_count",
            "Certificate requests that are none or not signed by their own key.");
    errors =
        families.counter(
            "citadel_server_csr_sign_err_count",
            "Certificate requests that could not be signed.",
            "error");
    issued = families.counter("citadel_server_success_cert_issuance_count", "Certificates issued.");
    expiry =
        List.of(
            families.gauge(
                "citadel_server_root_cert_expiry_timestamp",
                "Unix time at which the root certificate expires."),
            families.gauge(
                "citadel_server_cert_chain_expiry_timestamp",
                "Unix time at which the signing certificate expires, which is the root's."));
    for (String name : List.of("root_cert", "cert_chain")) {
      families.gauge(
          "citadel_server_" + name + "_expiry_seconds",
          "Seconds until that certificate expires.",
          () -> (double) (end.getEpochSecond() - clock.instant().getEpochSecond()));
    }
  }

  /// The root, which signs by itself, is good until then.
  public void rootExpires(Instant at) {
    end = at;
    expiry.forEach(gauge -> gauge.set((double) at.getEpochSecond()));
  }

  @Override
  public void requested() {
    requests.inc();
  }

  @Override
  public void authenticationFailed() {
    authenticationFailures.inc();
  }

  @Override
  public void identityUnreadable() {
    unreadableIdentities.inc();
  }

  @Override
  public void failed(IssueOutcome.Reason reason) {
    errors.labelValues(reason.name()).inc();
    if (reason == IssueOutcome.Reason.CSR_ERROR) {
      unreadableRequests.inc();
    }
  }

  @Override
  public void issued() {
    issued.inc();
  }
}
