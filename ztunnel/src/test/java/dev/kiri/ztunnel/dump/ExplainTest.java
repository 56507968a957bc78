package dev.kiri.ztunnel.dump;

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
    return new Explain(mesh.store(), decider)
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
        .contains("HBONE to /192.0.2.12:15008 for 192.0.2.12:8080")
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
