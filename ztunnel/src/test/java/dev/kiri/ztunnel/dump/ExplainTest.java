package dev.kiri.ztunnel.dump;

import static dev.kiri.ztunnel.TestMesh.byAddress;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.PortMap;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.TestPolicies;
import dev.kiri.ztunnel.balance.EndpointChooser;
import dev.kiri.ztunnel.balance.EndpointView;
import dev.kiri.ztunnel.dns.DnsSettings;
import dev.kiri.ztunnel.dns.LocalNames;
import dev.kiri.ztunnel.inbound.InboundDecider;
import dev.kiri.ztunnel.outbound.OutboundDecider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainTest {
  private final TestMesh mesh =
      new TestMesh()
          .with(captured("a", "192.0.2.11"))
          .with(captured("b", "192.0.2.12").service(key("svc"), PortMap.empty()))
          .with(service("svc").vip("192.0.2.200").port(80, 8080).build());

  private AdminResponse ask(Map<String, String> parameters) {
    var query = new TreeMap<String, List<String>>();
    parameters.forEach((name, value) -> query.put(name, List.of(value)));
    var decider =
        new OutboundDecider(
            "", Set.of(), new EndpointChooser(new Random(7), EndpointView.NONE), new Random(7));
    var inbound =
        new InboundDecider(
            "", Set.of(15001, 15006, 15008), new InboundDecider.Sourcing(true, false, true));
    var dns = new DnsSettings(true, List.of(), "cluster.local", true, true, null);
    return new Explain(mesh.store(), decider, inbound, new LocalNames(dns, new Random(7)))
        .handle(new AdminRequest("GET", "/debug/explain", query, Map.of(), ""));
  }

  private String text(Map<String, String> parameters) throws IOException {
    var out = new ByteArrayOutputStream();
    ask(parameters).body().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"ns/a, svc.com", "cluster1//v1/Pod/ns/a, 192.0.2.200"})
  void a_connection_to_a_service_is_explained_to_its_endpoint(String src, String dst)
      throws IOException {
    assertThat(text(Map.of("src", src, "dst", dst, "port", "80")))
        .contains("HBONE to 192.0.2.12:15008 for 192.0.2.12:8080")
        .contains("target is service ns/svc.com")
        .contains("the less busy of two")
        .contains("no allow policies, allow");
  }

  @Test
  void the_policies_that_do_not_allow_it_are_named() throws IOException {
    mesh.with(TestPolicies.allowPort(9999));

    assertThat(text(Map.of("src", "ns/a", "dst", "svc.com", "port", "80")))
        .contains("no allow policies matched (ns/allow-9999)")
        .contains("allow policies exist, but none allowed");
  }

  @Test
  void programs_are_told_where_it_goes() throws IOException {
    assertThat(text(Map.of("src", "ns/a", "dst", "svc.com", "port", "80")))
        .contains("\"direction\": \"outbound\"")
        .contains("\"target\": \"192.0.2.200:80\"")
        .contains("\"outcome\": \"HBONE\"")
        .contains("\"nextHop\": \"192.0.2.12:15008\"")
        .contains("\"port\": 8080")
        .contains("\"throughWaypoint\": false")
        .contains("\"destinationPod\": \"ns/b\"")
        .contains("\"service\": \"ns/svc.com\"");
  }

  @Test
  void a_waypoint_on_the_way_is_told() throws IOException {
    mesh.with(captured("wp", "192.0.2.13"))
        .with(service("way").vip("192.0.2.201").waypoint(byAddress("192.0.2.13", 15008)).build());

    assertThat(text(Map.of("src", "ns/a", "dst", "way.com", "port", "80")))
        .contains("HBONE to 192.0.2.13:15008 for 192.0.2.201:80")
        .contains("\"throughWaypoint\": true")
        .contains("\"destinationPod\": \"ns/wp\"");
  }

  @Test
  void a_pod_may_be_named_and_what_cannot_be_reached_is_refused_with_the_reason()
      throws IOException {
    mesh.with(service("empty").vip("192.0.2.202").build());

    assertThat(text(Map.of("src", "ns/a", "dst", "ns/b", "port", "9")))
        .contains("\"target\": \"192.0.2.12:9\"");
    assertThat(text(Map.of("src", "ns/a", "dst", "empty.com", "port", "80")))
        .contains("\"outcome\": \"REFUSED\"")
        .contains("\"reason\": \"no healthy upstream: 192.0.2.202:80\"");
  }

  @Test
  void an_arrival_is_explained_by_the_port_of_the_pod_or_of_its_service() throws IOException {
    assertThat(text(Map.of("src", "ns/a", "to", "ns/b", "port", "8080")))
        .contains("\"direction\": \"inbound\"")
        .contains("\"sourceIdentity\": \"spiffe://cluster.local/ns/ns/sa/a\"")
        .contains("admitted, connecting to 192.0.2.12:8080 from 192.0.2.11")
        .contains("\"outcome\": \"ADMITTED\"");
    assertThat(text(Map.of("src", "ns/a", "to", "ns/b", "port", "80", "service", "ns/svc.com")))
        .contains("connecting to 192.0.2.12:8080");
  }

  @Test
  void an_arrival_that_a_policy_denies_names_it_and_plain_text_has_no_identity()
      throws IOException {
    mesh.with(TestPolicies.denyPlaintext());

    assertThat(text(Map.of("src", "ns/a", "to", "ns/b", "port", "80")))
        .contains("\"outcome\": \"ADMITTED\"");
    assertThat(text(Map.of("src", "ns/a", "to", "ns/b", "port", "80", "plain", "true")))
        .contains("\"outcome\": \"DENIED\"")
        .contains("explicitly denied by: ns/strict")
        .contains("\"sourceIdentity\": null");
  }

  @Test
  void an_arrival_at_one_of_our_own_ports_is_rejected_with_its_status() throws IOException {
    assertThat(text(Map.of("src", "ns/a", "to", "ns/b", "port", "15001")))
        .contains("\"outcome\": \"REJECTED\"")
        .contains("rejected with status 503: attempted recursive call to ourselves");
  }

  @Test
  void a_departure_and_an_arrival_cannot_be_asked_for_at_once() {
    assertThat(ask(Map.of("src", "ns/a", "to", "ns/b", "dst", "svc.com", "port", "80")).status())
        .isEqualTo(400);
    assertThat(ask(Map.of("src", "ns/a", "to", "ns/nobody", "port", "80")).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "ns/a, svc.com, '', 400",
    "ns/a, svc.com, x, 400",
    "ns/a, svc.com, 65536, 400",
    "ns/nobody, svc.com, 80, 404",
    "ns/a, nowhere.com, 80, 404"
  })
  void a_question_that_makes_no_sense_is_refused(String src, String dst, String port, int status) {
    assertThat(ask(Map.of("src", src, "dst", dst, "port", port)).status()).isEqualTo(status);
  }

  @Test
  void a_question_without_parameters_gets_the_usage() throws IOException {
    assertThat(text(Map.of())).startsWith("usage: /debug/explain?src=");
  }
}
