package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.ztunnel.TestPolicies;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections of real programs in real namespaces, captured by the real rules, over real tunnels.
class PodProxyTest {
  private static final int APP = 8080;
  private static final String IDENTITIES =
      "src.workload=\"a\" src.namespace=\"ns\" src.identity=\"spiffe://cluster.local/ns/ns/sa/a\""
          + " src.cluster=\"Kubernetes\" dst.addr=192.0.2.12:15008 dst.hbone_addr=192.0.2.12:";

  private MeshOfTwoPods mesh;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    mesh.b.serve(APP);
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  void a_connection_crosses_the_mesh_and_both_sides_log_it() throws Exception {
    assertThat(mesh.a.ask("192.0.2.12", APP)).isEqualTo("8080 192.0.2.11 hello");

    var lines = awaitLines(2);
    assertThat(lines)
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("info\taccess\tconnection complete\tsrc.addr=192.0.2.11:")
                    .contains(IDENTITIES + "8080")
                    .contains("direction=\"outbound\" bytes_sent=6 bytes_recv=22 duration="))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains(IDENTITIES + "8080")
                    .contains("direction=\"inbound\" bytes_sent=22 bytes_recv=6 duration="));
  }

  @Test
  void it_does_so_over_ipv6() throws Exception {
    assertThat(mesh.a.ask("2001:db8::12", APP)).isEqualTo("8080 2001:db8:0:0:0:0:0:11 hello");
  }

  @Test
  void a_service_address_leads_to_an_endpoint() throws Exception {
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    mesh.put(
        new MeshUpdate.PutWorkload(
            captured("b", "192.0.2.12").service(key("svc"), PortMap.empty()).build()));

    assertThat(mesh.a.ask("192.0.2.200", 80)).isEqualTo("8080 192.0.2.11 hello");
    assertThat(awaitLines(2))
        .allSatisfy(line -> assertThat(line).contains("dst.service=\"svc.com\""));
  }

  @Test
  void plain_text_arrives_at_a_captured_pod_as_its_client() throws Exception {
    mesh.put(new MeshUpdate.PutWorkload(workload("b", "192.0.2.12").build()));

    assertThat(mesh.a.ask("192.0.2.12", APP)).isEqualTo("8080 192.0.2.11 hello");
    assertThat(awaitLines(2)).allSatisfy(line -> assertThat(line).doesNotContain("identity"));
  }

  @Test
  void a_denied_peer_is_cut_and_the_policy_is_named() throws Exception {
    mesh.put(new MeshUpdate.PutPolicy(TestPolicies.denyPort(APP)));

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", APP)).isInstanceOf(IOException.class);
    assertThat(awaitLines(2))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("error\taccess\tconnection complete")
                    .endsWith(
                        "error=\"connection closed due to policy rejection: explicitly denied by:"
                            + " ns/deny-8080\""))
        .anySatisfy(line -> assertThat(line).endsWith("error=\"http status: 401 Unauthorized\""));
  }

  @Test
  void where_no_policy_allows_a_peer_the_log_names_those_there_are() throws Exception {
    mesh.put(new MeshUpdate.PutPolicy(TestPolicies.allowPort(9999)));

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", APP)).isInstanceOf(IOException.class);
    assertThat(awaitLines(2))
        .anySatisfy(
            line ->
                assertThat(line)
                    .endsWith(
                        "error=\"connection closed due to policy rejection: allow policies exist,"
                            + " but none allowed\" policies=\"ns/allow-9999\""));
  }

  @Test
  void an_uncaptured_client_whose_identity_is_not_allowed_gets_401() throws Exception {
    mesh.put(
        new MeshUpdate.PutPolicy(TestPolicies.allowPrincipal("cluster.local/ns/ns/sa/somebody")));
    mesh.a.connect("192.0.2.12", 1).close(); // b has its certificate by now

    assertThat(mesh.requestAtB(mesh.network.node(), 0, "stranger", "192.0.2.12:8080"))
        .isEqualTo("http status: 401 Unauthorized");

    mesh.awaitLine(
        line ->
            line.startsWith("error\taccess\tconnection complete\tsrc.addr=192.0.2.1:")
                && line.contains("src.identity=\"spiffe://cluster.local/ns/ns/sa/stranger\"")
                && line.contains("dst.addr=192.0.2.12:15008 dst.hbone_addr=192.0.2.12:8080")
                && line.contains("direction=\"inbound\"")
                && line.endsWith(
                    "error=\"connection closed due to policy rejection: allow"
                        + " policies exist, but none allowed\""
                        + " policies=\"ns/allow\""));
    mesh.put(
        new MeshUpdate.PutPolicy(TestPolicies.allowPrincipal("cluster.local/ns/ns/sa/stranger")));
    assertThat(mesh.requestAtB(mesh.network.node(), 0, "stranger", "192.0.2.12:8080"))
        .isEqualTo("200");
  }

  /// Upstream judges by the workload as it was when the connection began.
  @Test
  void a_policy_newly_attached_to_a_workload_ends_its_open_connections() throws Exception {
    mesh.put(new MeshUpdate.PutPolicy(TestPolicies.selected("ns/nobody")));
    try (var open = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(open, "one");

      mesh.put(
          new MeshUpdate.PutWorkload(
              captured("b", "192.0.2.12", "2001:db8::12")
                  .authorizationPolicies(List.of("ns/nobody"))
                  .build()));

      assertThat(open.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(awaitLines(2))
        .anySatisfy(
            line -> assertThat(line).endsWith("error=\"connection closed due to policy change\""));
  }

  @Test
  void strict_mutual_tls_refuses_plain_text() throws Exception {
    mesh.put(new MeshUpdate.PutWorkload(workload("b", "192.0.2.12").build()));
    mesh.put(new MeshUpdate.PutPolicy(TestPolicies.denyPlaintext()));

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", APP)).isInstanceOf(IOException.class);
    assertThat(awaitLines(1))
        .anySatisfy(line -> assertThat(line).contains("explicitly denied by: ns/strict"));
  }

  @Test
  void a_policy_that_arrives_later_ends_open_connections_and_only_those_it_denies()
      throws Exception {
    mesh.b.serve(9090);
    try (var denied = mesh.a.connect("192.0.2.12", APP);
        var kept = mesh.a.connect("192.0.2.12", 9090)) {
      TestPod.say(denied, "one");
      TestPod.say(kept, "one");

      mesh.put(new MeshUpdate.PutPolicy(TestPolicies.denyPort(APP)));

      assertThat(denied.getInputStream().read()).isEqualTo(-1);
      assertThat(TestPod.say(kept, "two")).isEqualTo("9090 192.0.2.11 two");
    }
    assertThat(awaitLines(3))
        .anySatisfy(
            line -> assertThat(line).endsWith("error=\"connection closed due to policy change\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b"})
  void row_8_a_connection_dies_when_the_certificate_of_either_end_is_revoked(String whose)
      throws Exception {
    try (var held = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(held, "one");

      mesh.revoke(SpiffeId.of("cluster.local", "ns", whose));

      assertThat(held.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(awaitLines(2))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains(
                        whose.equals("a") ? "direction=\"inbound\"" : "direction=\"outbound\"")
                    .endsWith("error=\"connection closed: peer certificate revoked by CRL\""));
    assertThat(revocations(whose.equals("a") ? "destination" : "source")).isEqualTo(1);

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", APP)).isInstanceOf(IOException.class);
    await().until(() -> revocations(whose.equals("a") ? "destination" : "source") == 2);
  }

  private double revocations(String reporter) {
    return mesh.metrics.scrape(name -> name.equals("istio_crl_policy_rejections")).stream()
        .map(CounterSnapshot.class::cast)
        .flatMap(counter -> counter.getDataPoints().stream())
        .filter(point -> reporter.equals(point.getLabels().get("reporter")))
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }

  @Test
  void an_application_that_does_not_listen_is_named_on_both_sides() throws Exception {
    assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", 7777)).isInstanceOf(IOException.class);

    assertThat(awaitLines(2))
        .anySatisfy(
            line ->
                assertThat(line)
                    .endsWith("error=\"connection failed: Connection refused (os error 111)\""))
        .anySatisfy(
            line -> assertThat(line).endsWith("error=\"http status: 503 Service Unavailable\""));
  }

  @Test
  void a_destination_without_route_is_an_io_error() throws Exception {
    assertThatThrownBy(() -> mesh.a.ask("203.0.113.9", 80)).isInstanceOf(IOException.class);

    assertThat(awaitLines(1))
        .anySatisfy(line -> assertThat(line).contains("error=\"io error: ").contains("(os error "));
  }

  @Test
  void an_endpoint_that_refuses_is_replaced_before_the_client_notices() throws Exception {
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    for (var pod : List.of(captured("b", "192.0.2.12"), captured("dead", "192.0.2.1"))) {
      mesh.put(new MeshUpdate.PutWorkload(pod.service(key("svc"), PortMap.empty()).build()));
    }

    for (int i = 0; i < 20; i++) {
      assertThat(mesh.a.ask("192.0.2.200", 80)).isEqualTo("8080 192.0.2.11 hello");
    }

    assertThat(awaitLines(40).stream().filter(line -> line.contains("retried_on=")))
        .singleElement() // then it is left out
        .satisfies(
            line ->
                assertThat(line)
                    .startsWith("warn\taccess\tconnection complete")
                    .contains("dst.workload=\"dead\"")
                    .contains("error=\"io error: ")
                    .endsWith("retried_on=\"cluster1//v1/Pod/ns/b:8080\""));
  }

  @Test
  void an_application_that_is_away_is_replaced_with_all_that_the_client_has_said()
      throws Exception {
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    for (var pod : List.of(captured("b", "192.0.2.12"), captured("a", "192.0.2.11"))) {
      mesh.put(new MeshUpdate.PutWorkload(pod.service(key("svc"), PortMap.empty()).build()));
    }

    for (int i = 0; i < 20; i++) {
      assertThat(mesh.a.ask("192.0.2.200", 80)).isEqualTo("8080 192.0.2.11 hello");
    }

    assertThat(awaitLines(42).stream().filter(line -> line.contains("retried_on=")))
        .singleElement() // then it is left out
        .satisfies(line -> assertThat(line).contains("http status: 503 Service Unavailable"));
  }

  @Test
  void plain_text_is_tried_on_another_endpoint_too() throws Exception {
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    for (var pod : List.of(workload("b", "192.0.2.12"), workload("dead", "192.0.2.1"))) {
      mesh.put(new MeshUpdate.PutWorkload(pod.service(key("svc"), PortMap.empty()).build()));
    }

    for (int i = 0; i < 20; i++) {
      assertThat(mesh.a.ask("192.0.2.200", 80)).isEqualTo("8080 192.0.2.11 hello");
    }

    assertThat(awaitLines(40).stream().filter(line -> line.contains("retried_on="))).hasSize(1);
  }

  @Test
  void when_no_endpoint_takes_it_every_attempt_is_told_and_there_are_not_many() throws Exception {
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    for (var name : List.of("dead1", "dead2", "dead3", "dead4", "dead5")) {
      var pod = captured(name, "192.0.2.1").service(key("svc"), PortMap.empty());
      mesh.put(new MeshUpdate.PutWorkload(pod.build()));
    }

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.200", 80)).isInstanceOf(IOException.class);

    var lines = awaitLines(3);
    assertThat(lines).hasSize(3);
    assertThat(lines.subList(0, 2)).allMatch(line -> line.startsWith("warn"));
    assertThat(lines.get(2)).startsWith("error").doesNotContain("retried_on");
  }

  @Test
  void a_pod_that_drains_lets_open_connections_end() throws Exception {
    try (var open = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(open, "one");

      var drained = mesh.ofA.drain(Duration.ofSeconds(10)).toCompletableFuture();

      assertThat(TestPod.say(open, "two")).isEqualTo("8080 192.0.2.11 two");
      assertThat(drained).isNotDone();
      open.shutdownOutput();
      await().atMost(Duration.ofSeconds(3)).until(drained::isDone);
    }
  }

  private List<String> awaitLines(int count) {
    await().atMost(Duration.ofSeconds(5)).until(() -> mesh.lines().size() >= count);
    return mesh.lines();
  }
}
