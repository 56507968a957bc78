package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.node.AgentPods;
import dev.kiri.ztunnel.node.NodeMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The sockets of the proxy inside pods: when ports are taken, when the pod is gone, when it comes
/// again.
class ListenersTest {
  private static final int APP = 8080;
  private static final WorkloadInfo INFO = new WorkloadInfo("c", "ns", "c");

  private MeshOfTwoPods mesh;
  private PodNetns fresh;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    fresh = mesh.network.pod("c", 13).netns();
    mesh.put(new MeshUpdate.PutWorkload(captured("c", "192.0.2.13", "2001:db8::13").build()));
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "15008, [::]:15008",
    "15006, [::]:15006",
    "15001, [::]:15001",
    "15080, 127.0.0.1:15080",
    "15053, /127.0.0.1:15053"
  })
  void a_port_that_is_taken_is_a_start_up_error_and_nothing_is_left(int port, String named)
      throws Exception {
    try (var taken = taken(port)) {
      assertThatThrownBy(() -> mesh.proxy(fresh, "c"))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "failed to bind to address " + named + ": Address already in use (os error 98)");
      assertThat(taken.isBound()).isTrue();
      assertThat(listening()).containsExactly(port);
    }
    assertThat(listening()).isEmpty();
  }

  /// As upstream retries every five seconds (istio/ztunnel `src/inpod/statemanager.rs`).
  @Test
  void a_pod_whose_port_was_taken_is_served_as_soon_as_the_port_is_free() throws Exception {
    var failures = new ArrayList<String>();
    var pods =
        new PodProxies(
            (uid, workload, netns) -> PodProxy.start(mesh.node, workload, netns),
            new PodProxies.Observer() {
              @Override
              public void startFailed(String uid, WorkloadInfo workload, String why) {
                failures.add(why);
              }
            });
    pods.connected();
    try (var taken = taken(PodSettings.PLAINTEXT_PORT)) {
      assertThatThrownBy(() -> pods.add("c", INFO, fresh.share()));
      pods.retry();
      assertThat(failures)
          .hasSize(2)
          .allMatch(why -> why.endsWith("Address already in use (os error 98)"));
      assertThat(taken.isBound()).isTrue();
    }

    pods.retry();

    assertThat(pods.states()).containsExactly(new PodProxies.State("c", INFO, true));
    assertThat(listening()).contains(15001, 15006, 15008);
    pods.snapshotSent();
    pods.delete("c");
    await().until(() -> listening().isEmpty());
  }

  @Test
  void readiness_tells_why_and_names_a_pod_that_cannot_be_served() throws Exception {
    var readiness = new Readiness();
    var agents =
        new AgentPods(
            mesh.node,
            readiness.task("workload proxy manager"),
            new NodeMetrics(new PrometheusRegistry()),
            violation -> {});
    var pods = agents.handler();
    pods.connected();
    assertThat(told(readiness)).contains("no snapshot of the node's pods from the node agent yet");

    try (var taken = taken(PodSettings.PLAINTEXT_PORT)) {
      assertThatThrownBy(() -> pods.add("c", INFO, fresh.share()));
      pods.snapshotSent();
      assertThat(told(readiness))
          .contains(
              "workload proxy manager: pod %s cannot be served yet: failed to bind to address"
                      .formatted(INFO)
                  + " [::]:15006: Address already in use");
      assertThat(taken.isBound()).isTrue();
    }
    pods.disconnected("no such file");
    assertThat(told(readiness)).contains("not connected to the node agent: no such file");

    pods.connected();
    pods.add("c", INFO, fresh.share());
    pods.snapshotSent();

    assertThat(readiness.handler().handle(READY).status()).isEqualTo(200);
    pods.delete("c");
  }

  private static final AdminRequest READY =
      new AdminRequest("GET", "/healthz/ready", Map.of(), Map.of(), "");

  private static String told(Readiness readiness) throws Exception {
    var answer = readiness.handler().handle(READY);
    assertThat(answer.status()).isNotEqualTo(200);
    var out = new ByteArrayOutputStream();
    answer.body().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void a_namespace_that_cannot_be_entered_any_more_is_a_start_up_error() throws Exception {
    var closed = fresh.share();
    closed.close();

    assertThatThrownBy(() -> PodProxy.start(mesh.node, INFO, closed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("namespace");
  }

  /// A namespace lives as long as anything refers to it: its veth goes with it.
  @Test
  void a_pod_that_is_gone_takes_its_namespace_with_it() throws Exception {
    mesh.b.serve(APP);
    mesh.a.serve(APP);
    try (var leaving = mesh.a.connect("192.0.2.12", APP);
        var arriving = mesh.b.connect("192.0.2.11", APP)) {
      TestPod.say(leaving, "one");
      TestPod.say(arriving, "one");

      mesh.ofA.stop();

      assertThat(leaving.getInputStream().read()).isEqualTo(-1);
      assertThat(arriving.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(interfacesOfNode()).contains("veth-a");
    mesh.a.close();
    await().until(() -> !interfacesOfNode().contains("veth-a"));
    assertThat(interfacesOfNode()).contains("veth-b");
  }

  @Test
  void a_connection_that_waits_for_an_address_while_its_pod_goes_is_ended_and_named()
      throws Exception {
    var address = addressToCome();
    try (var waiting = mesh.a.connect("192.0.2.200", 80)) {
      address.asked.join();

      mesh.ofA.stop();

      assertThat(waiting.getInputStream().read()).isEqualTo(-1);
      mesh.awaitLine(
          line ->
              line.contains("dst.addr=192.0.2.200:80")
                  && line.endsWith("error=\"connection closed due to connection drain\""));
    }
    address.found.complete(InetAddress.ofLiteral("192.0.2.12")); // too late to matter
    assertThat(mesh.ofA.connections().count().toCompletableFuture().join()).isZero();
    assertThat(mesh.lines()).hasSize(1);
  }

  @Test
  void a_connection_that_waits_for_an_address_is_waited_for_by_a_drain() throws Exception {
    mesh.b.serve(APP);
    var address = addressToCome();
    try (var waiting = mesh.a.connect("192.0.2.200", 80)) {
      address.asked.join();
      var drained = mesh.ofA.drain(Duration.ofSeconds(10)).toCompletableFuture();
      assertThat(mesh.ofA.connections().count().toCompletableFuture().join()).isEqualTo(1);

      address.found.complete(InetAddress.ofLiteral("192.0.2.12"));

      assertThat(TestPod.say(waiting, "hello")).endsWith(" hello");
      assertThat(drained).isNotDone();
      waiting.shutdownOutput();
      await().until(drained::isDone);
    }
  }

  private record ToCome(CompletableFuture<Boolean> asked, CompletableFuture<InetAddress> found) {}

  /// The service at 192.0.2.200:80 leads to a host whose address is yet to be looked up.
  private ToCome addressToCome() {
    var address = new ToCome(new CompletableFuture<>(), new CompletableFuture<>());
    mesh.resolver =
        (workload, target) -> {
          address.asked.complete(true);
          return address.found;
        };
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    mesh.put(
        new MeshUpdate.PutWorkload(
            workload("named")
                .hostname("named.example")
                .service(key("svc"), PortMap.empty())
                .build()));
    return address;
  }

  @Test
  void the_same_pod_enrolled_again_is_served_at_once_and_its_connections_are_new_ones()
      throws Exception {
    mesh.b.serve(APP);
    assertThat(mesh.a.ask("192.0.2.12", APP)).endsWith(" hello");
    mesh.ofA.stop();
    mesh.ofB.stop();

    var again = List.of(mesh.proxy(mesh.a.netns(), "a"), mesh.proxy(mesh.b.netns(), "b"));

    try {
      assertThat(mesh.a.ask("192.0.2.12", APP)).isEqualTo("8080 192.0.2.11 hello");
    } finally {
      again.forEach(PodProxy::stop);
    }
  }

  @Test
  void another_namespace_under_the_same_uid_is_served_instead_of_the_old_one() throws Exception {
    var pods =
        new PodProxies(
            (uid, workload, netns) -> PodProxy.start(mesh.node, workload, netns),
            new PodProxies.Observer() {});
    var later = mesh.network.pod("later", 14).netns();
    pods.connected();
    pods.add("c", INFO, fresh.share());
    pods.snapshotSent();
    assertThat(listening()).contains(15008);

    pods.add("c", INFO, later.share());

    await().until(() -> listening().isEmpty());
    assertThat(listening(later)).contains(15001, 15006, 15008);
    pods.delete("c");
    await().until(() -> listening(later).isEmpty());
  }

  private interface Taken extends AutoCloseable {
    boolean isBound();

    @Override
    void close() throws IOException;
  }

  private Taken taken(int port) throws IOException {
    return fresh.inside(
        () -> {
          if (port == 15053) {
            var packets = new DatagramSocket(at("127.0.0.1", port));
            return new Taken() {
              @Override
              public boolean isBound() {
                return packets.isBound();
              }

              @Override
              public void close() {
                packets.close();
              }
            };
          }
          var listener = new ServerSocket();
          listener.bind(port == 15080 ? at("127.0.0.1", port) : new InetSocketAddress(port));
          return new Taken() {
            @Override
            public boolean isBound() {
              return listener.isBound();
            }

            @Override
            public void close() throws IOException {
              listener.close();
            }
          };
        });
  }

  private List<Integer> listening() throws IOException {
    return listening(fresh);
  }

  /// The ports of all sockets that wait for somebody.
  private static List<Integer> listening(PodNetns netns) throws IOException {
    return TestNetwork.run(netns, "ss", "-Hnltu")
        .lines()
        .map(line -> line.split("\\s+")[4])
        .map(local -> Integer.parseInt(local.substring(local.lastIndexOf(':') + 1)))
        .distinct()
        .sorted()
        .toList();
  }

  private String interfacesOfNode() throws IOException {
    return TestNetwork.run(mesh.network.node(), "ip", "-o", "link");
  }
}
