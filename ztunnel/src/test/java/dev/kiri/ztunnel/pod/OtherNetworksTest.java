package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.byAddress;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.ztunnel.telemetry.Direction;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Pod b stands in for a pod of another network: it is reached through a gateway, in a tunnel
/// inside a tunnel.
class OtherNetworksTest {
  private static final String OF_B = "spiffe://cluster.local/ns/ns/sa/b";

  private MeshOfTwoPods mesh;
  private TestGateway gateway;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    gateway = new TestGateway(mesh, at(TestNetwork.NODE4, 15009), at("192.0.2.12", 15008));
    mesh.b.serve(8080);
    mesh.put(new MeshUpdate.PutWorkload(captured("gateway", TestNetwork.NODE4).build()));
    mesh.put(
        new MeshUpdate.PutWorkload(
            captured("far")
                .network("far")
                .networkGateway(byAddress(TestNetwork.NODE4, 15009))
                .service(key("far"), PortMap.empty())
                .build()));
  }

  @AfterEach
  void close() {
    if (gateway != null) {
      gateway.close();
    }
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  void a_connection_goes_through_the_gateway_and_is_logged_with_who_answered() throws Exception {
    far(OF_B);

    try (var socket = mesh.a.connect("192.0.2.200", 80)) {
      assertThat(TestPod.say(socket, "hello")).startsWith("8080 ").endsWith(" hello");
      assertThat(gateway.asked()).containsExactly("far.com:80 null");
      assertThat(mesh.ofA.connections().entries(Direction.OUTBOUND).toCompletableFuture().join())
          .singleElement()
          .satisfies(entry -> assertThat(entry.protocol()).isEqualTo("DOUBLEHBONE"));
    }

    assertThat(lines(2))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("dst.addr=192.0.2.1:15009 dst.hbone_addr=far.com:80")
                    .contains("dst.service=\"far.com\"")
                    .contains("dst.identity=\"" + OF_B + "\"")
                    .contains("direction=\"outbound\" bytes_sent=6"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("src.identity=\"spiffe://cluster.local/ns/ns/sa/a\"")
                    .contains("dst.hbone_addr=far.com:80")
                    .contains("direction=\"inbound\""));
  }

  @Test
  void whoever_is_behind_the_gateway_must_be_whom_the_service_names() {
    far("spiffe://cluster.local/ns/ns/sa/somebody-else");

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.200", 80)).isInstanceOf(IOException.class);

    assertThat(outbound())
        .contains("dst.workload=\"gateway\"")
        .contains("spiffe://cluster.local/ns/ns/sa/somebody-else")
        .startsWith("error");
    // the inner tunnel's: the gateway's own was good
    assertThat(refused()).isEqualTo(1);
  }

  private double refused() {
    return mesh.metrics.scrape(name -> name.equals("kiri_tunnels_refused")).stream()
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .filter(point -> "source".equals(point.getLabels().get("reporter")))
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }

  @Test
  void a_service_that_names_nobody_is_reached_by_nobody() {
    far();

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.200", 80)).isInstanceOf(IOException.class);

    assertThat(outbound()).startsWith("error").contains("dst.workload=\"gateway\"");
  }

  @Test
  void a_gateway_that_does_not_answer_is_named() {
    far(OF_B);
    gateway.close();

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.200", 80)).isInstanceOf(IOException.class);

    assertThat(outbound())
        .contains("dst.addr=192.0.2.1:15009")
        .contains("Connection refused (os error 111)");
  }

  private void far(String... identities) {
    mesh.put(
        new MeshUpdate.PutService(
            service("far").vip("192.0.2.200").port(80, 8080).identities(identities).build()));
    mesh.put(new MeshUpdate.PutWorkload(captured("b", "192.0.2.12", "2001:db8::12").build()));
  }

  private String outbound() {
    return lines(1).stream()
        .filter(line -> line.contains("direction=\"outbound\""))
        .findFirst()
        .orElseThrow();
  }

  private List<String> lines(int count) {
    await().atMost(Duration.ofSeconds(5)).until(() -> mesh.lines().size() >= count);
    return mesh.lines();
  }
}
