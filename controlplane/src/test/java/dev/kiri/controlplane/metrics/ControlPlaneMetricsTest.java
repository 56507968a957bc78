package dev.kiri.controlplane.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.ca.IssueOutcome;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.source.WriteQueue;
import dev.kiri.ops.metrics.Metrics;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Metrics have upstream's names and labels (controlplane.md 18).
class ControlPlaneMetricsTest {
  private static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  private static final long MILLISECOND = 1_000_000;

  private final Metrics all = new Metrics();
  private final ControlPlaneMetrics metrics =
      ControlPlaneMetrics.register(
          all.registry(), "1.2", Clock.fixed(Instant.ofEpochSecond(100), ZoneOffset.UTC));

  @Test
  void what_is_read_is_counted_by_kind_and_by_what_it_sets_off() {
    List<ObjectChange> changes =
        new ArrayList<>(
            Objects.puts(
                "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {ports:"
                    + " [{port: 80}]}}",
                "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}",
                "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns}, spec:"
                    + " {serviceAccountName: a, containers: []}}",
                "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: p,"
                    + " namespace: ns}, spec: {}}"));
    changes.add(new ObjectChange.Gone(changes.getFirst().key()));
    changes.add(new ObjectChange.Refused(changes.get(3).key(), null, List.of()));
    metrics.source().applied(changes, 3 * MILLISECOND, 7 * MILLISECOND);
    metrics.source().services(1);

    assertThat(all.text().lines())
        .contains(
            "pilot_services 1.0",
            "pilot_inbound_updates_total{type=\"svc\"} 1.0",
            "pilot_inbound_updates_total{type=\"svcdelete\"} 1.0",
            "pilot_inbound_updates_total{type=\"eds\"} 1.0",
            "pilot_inbound_updates_total{type=\"config\"} 3.0",
            "pilot_push_triggers_total{type=\"service\"} 1.0",
            "pilot_push_triggers_total{type=\"endpoint\"} 1.0",
            "pilot_push_triggers_total{type=\"namespace\"} 1.0",
            "pilot_push_triggers_total{type=\"config\"} 1.0",
            "pilot_k8s_reg_events_total{event=\"delete\",type=\"Service\"} 1.0",
            "pilot_k8s_cfg_events_total{event=\"update\",type=\"AuthorizationPolicy\"} 1.0",
            "pilot_k8s_cfg_events_total{event=\"refused\",type=\"AuthorizationPolicy\"} 1.0",
            "galley_validation_passed_total{group=\"security.istio.io\",resource=\"authorizationpolicy\",version=\"v1\"}"
                + " 1.0",
            "galley_validation_failed_total{group=\"security.istio.io\",reason=\"invalid_resource\",resource=\"authorizationpolicy\",version=\"v1\"}"
                + " 1.0",
            "pilot_debounce_time_sum 0.003",
            "pilot_pushcontext_init_seconds_sum 0.007");
  }

  @Test
  void what_proxies_are_told_is_counted_by_short_type() {
    metrics.discovery().connected("1.30");
    metrics.discovery().connected("");
    metrics.discovery().connected("1.30");
    metrics.discovery().disconnected("1.30");
    metrics.discovery().asked(ADDRESS);
    metrics.discovery().queued(2 * MILLISECOND);
    metrics.discovery().sent(ADDRESS, 500, 4 * MILLISECOND, 20 * MILLISECOND);
    metrics.discovery().pushed(ADDRESS, 5 * MILLISECOND);
    metrics.discovery().rejected(ADDRESS, "no");
    metrics.discovery().staleNonce(ADDRESS);

    assertThat(all.text().lines())
        .contains(
            "pilot_xds{version=\"1.30\"} 1.0",
            "pilot_xds{version=\"unknown\"} 1.0",
            "pilot_push_triggers_total{type=\"proxyrequest\"} 1.0",
            "pilot_proxy_queue_time_sum 0.002",
            "pilot_xds_pushes_total{type=\"wds\"} 1.0",
            "pilot_xds_config_size_bytes_bucket{type=\"wds\",le=\"10000.0\"} 1",
            "pilot_xds_send_time_sum{type=\"wds\"} 0.004",
            "pilot_xds_push_time_sum{type=\"wds\"} 0.005",
            "pilot_proxy_convergence_time_sum 0.02",
            "pilot_proxy_convergence_time_bucket{le=\"30.0\"} 1",
            "pilot_total_xds_rejects_total{type=\"wds\"} 1.0",
            "pilot_xds_expired_nonce_total{type=\"wds\"} 1.0");
  }

  @Test
  void an_answer_to_a_request_says_nothing_of_convergence() {
    metrics.discovery().sent(ADDRESS, 500, MILLISECOND, 0);

    assertThat(all.text().lines()).contains("pilot_proxy_convergence_time_count 0");
  }

  @Test
  void proxies_that_make_versions_up_get_a_bounded_number_of_series() {
    IntStream.range(0, 2 * DiscoveryMetrics.MAX_VERSIONS)
        .forEach(i -> metrics.discovery().connected("v" + i));

    assertThat(all.text().lines().filter(line -> line.startsWith("pilot_xds{")))
        .hasSize(DiscoveryMetrics.MAX_VERSIONS + 1)
        .contains("pilot_xds{version=\"other\"} " + (double) DiscoveryMetrics.MAX_VERSIONS);
  }

  @Test
  void the_certificate_authority_counts_what_it_refuses_by_cause() {
    metrics.certificates().rootExpires(Instant.ofEpochSecond(160));
    metrics.certificates().requested();
    metrics.certificates().failed(IssueOutcome.Reason.CSR_ERROR);
    metrics.certificates().failed(IssueOutcome.Reason.TTL_ERROR);
    metrics.certificates().identityUnreadable();

    assertThat(all.text().lines())
        .contains(
            "citadel_server_root_cert_expiry_timestamp 160.0",
            "citadel_server_root_cert_expiry_seconds 60.0",
            "citadel_server_cert_chain_expiry_timestamp 160.0",
            "citadel_server_cert_chain_expiry_seconds 60.0",
            "citadel_server_csr_count_total 1.0",
            "citadel_server_csr_parsing_err_count_total 1.0",
            "citadel_server_id_extraction_err_count_total 1.0",
            "citadel_server_csr_sign_err_count_total{error=\"TTL_ERROR\"} 1.0");
  }

  @Test
  void writes_are_counted_with_their_wait_and_those_that_are_given_up()
      throws InterruptedException {
    try (WriteQueue queue = new WriteQueue(() -> true, metrics.writes())) {
      queue.put("one", () -> {});
      queue.put("other", () -> {});
      assertThat(queue.awaitIdle(30_000)).isTrue();
    }
    metrics.writes().givenUp();

    assertThat(all.text().lines())
        .contains(
            "pilot_worker_queue_depth{queueName=\"write\"} 0.0",
            "pilot_worker_queue_latency_count{queueName=\"write\"} 2",
            "pilot_worker_queue_duration_count{queueName=\"write\"} 2",
            "controller_sync_errors_total 1.0");
  }

  @Test
  void the_process_says_what_it_is_and_since_when() {
    assertThat(all.text().lines())
        .contains(
            "pilot_info{version=\"1.2\"} 1.0",
            "istiod_managed_clusters{cluster_type=\"local\"} 1.0",
            "istiod_uptime_seconds 0.0");
  }
}
