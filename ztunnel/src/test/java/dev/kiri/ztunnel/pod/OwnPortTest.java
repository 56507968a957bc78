package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.captured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.ops.admin.AdminServer;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.netns.SocketTransport;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.TestPolicies;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The proxy's own pod, here the node's namespace: tunnels to its metrics, and what reaches which
/// of its ports (istio/ztunnel `tests/namespaced.rs`, `malicious_calls`).
class OwnPortTest {
  private static final WorkloadInfo ZTUNNEL = new WorkloadInfo("ztunnel", "ns", "ztunnel");
  private static final int ADMIN = 15000;
  private static final int STATS = 15020;
  private static final int READY = 15021;

  private MeshOfTwoPods mesh;
  private TestPod uncaptured;
  private PodProxy own;
  private AdminServer stats;
  private AdminServer ready;
  private AdminServer admin;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    uncaptured = mesh.network.pod("plain", 13);
    mesh.put(new MeshUpdate.PutWorkload(captured("ztunnel", TestNetwork.NODE4).build()));
    own = PodProxy.startOwn(mesh.node, ZTUNNEL, mesh.network.node().share());
    var metrics = new Metrics().withProcess("ztunnel", "test");
    stats = serve("stats", "/metrics", metrics, new InetSocketAddress(STATS));
    ready = serve("readiness", "/metrics", metrics, new InetSocketAddress(READY));
    admin = serve("admin", "/metrics", metrics, at("127.0.0.1", ADMIN));
  }

  private AdminServer serve(String name, String path, Metrics metrics, InetSocketAddress at) {
    var sockets =
        new NamespaceSockets(
            mesh.network.node(), SocketTransport.EPOLL, SocketSettings.ofZtunnel());
    return AdminServer.named(name)
        .route("GET", path, metrics.handler())
        .start(mesh.node.loops().getFirst(), sockets::newServerChannel, at);
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      own.stop();
      stats.close();
      ready.close();
      admin.close();
      mesh.close();
    }
  }

  @Test
  void a_captured_pod_reads_the_metrics_of_its_node_proxy_through_a_tunnel() throws Exception {
    try (var socket = mesh.a.connect(TestNetwork.NODE4, STATS)) {
      assertThat(get(socket)).startsWith("HTTP/1.1 200").contains("istio_build{");
    }

    await().atMost(Duration.ofSeconds(5)).until(() -> mesh.lines().size() >= 2);
    assertThat(mesh.lines())
        .allSatisfy(
            line ->
                assertThat(line)
                    .startsWith("info\taccess\tconnection complete")
                    .contains(
                        "dst.addr=192.0.2.1:15008 dst.hbone_addr=192.0.2.1:15020"
                            + " dst.workload=\"ztunnel\" dst.namespace=\"ns\""
                            + " dst.identity=\"spiffe://cluster.local/ns/ns/sa/ztunnel\""))
        .anySatisfy(line -> assertThat(line).contains("direction=\"inbound\""))
        .anySatisfy(line -> assertThat(line).contains("direction=\"outbound\""));
  }

  /// The server of the metrics sees the node's own address: the proxy's own pod takes no foreign
  /// ones, since nothing leads the answers back there.
  @Test
  void whoever_comes_through_the_own_port_comes_from_the_own_address() throws Exception {
    stats.close();
    try (var listener = mesh.network.node().inside(() -> new ServerSocket(STATS));
        var client = mesh.a.connect(TestNetwork.NODE4, STATS)) {
      listener.setSoTimeout(5_000);
      client.getOutputStream().write(1);
      try (var accepted = listener.accept()) {
        assertThat(accepted.getInetAddress().getHostAddress()).isEqualTo(TestNetwork.NODE4);
      }
    }
  }

  /// Upstream judges only new ones here (istio/ztunnel `src/proxyfactory.rs`, no policy watcher).
  @Test
  void a_policy_ends_its_open_connections_as_it_does_any_pods() throws Exception {
    stats.close();
    try (var listener = mesh.network.node().inside(() -> new ServerSocket(STATS));
        var client = mesh.a.connect(TestNetwork.NODE4, STATS)) {
      client.getOutputStream().write(1);
      listener.setSoTimeout(5_000);
      try (var accepted = listener.accept()) {
        assertThat(accepted.getInputStream().read()).isEqualTo(1);

        mesh.put(new MeshUpdate.PutPolicy(TestPolicies.denyPort(STATS)));

        assertThat(client.getInputStream().read()).isEqualTo(-1);
      }
    }
    try (var client = mesh.a.connect(TestNetwork.NODE4, STATS)) {
      assertThatThrownBy(() -> get(client)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void a_port_that_is_taken_is_a_start_up_error() throws Exception {
    try (var taken = uncaptured.netns().inside(() -> new ServerSocket(PodSettings.HBONE_PORT))) {
      var handle = uncaptured.netns().share();

      assertThatThrownBy(() -> PodProxy.startOwn(mesh.node, ZTUNNEL, handle))
          .isInstanceOf(IOException.class)
          .hasMessage("failed to bind to address [::]:15008: Address already in use (os error 98)");

      assertThat(taken.isBound()).isTrue();
      handle.close();
    }
  }

  /// What can be reached: C cannot be connected to, R is connected and then closed without an
  /// answer, H is an answer.
  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource({
    // from, to,                     15001, 15006, 15008, 15080, 15000, 15020, 15021
    "captured, the ztunnel,            R,     R,     R,     R,     R,     H,     H",
    "captured, its own address,        R,     R,     R,     C,     C,     C,     C",
    "captured, loopback,               R,     R,     R,     R,     C,     C,     C", // SOCKS5 is on
    "uncaptured, the ztunnel,          C,     C,     R,     C,     C,     H,     H",
    "uncaptured, the captured pod,     R,     R,     R,     R,     R,     R,     R"
  })
  void calls_to_the_proxys_ports_reach_what_upstreams_do(
      String from,
      String to,
      String outbound,
      String plaintext,
      String hbone,
      String socks,
      String adminPort,
      String statsPort,
      String readyPort)
      throws Exception {
    var pod = from.equals("captured") ? mesh.a : uncaptured;
    var address =
        switch (to) {
          case "the ztunnel" -> TestNetwork.NODE4;
          case "loopback" -> "127.0.0.1";
          default -> mesh.a.ip4();
        };

    assertThat(
            new String[] {
              reach(pod, address, PodSettings.OUTBOUND_PORT),
              reach(pod, address, PodSettings.PLAINTEXT_PORT),
              reach(pod, address, PodSettings.HBONE_PORT),
              reach(pod, address, PodSettings.SOCKS_PORT),
              reach(pod, address, ADMIN),
              reach(pod, address, STATS),
              reach(pod, address, READY)
            })
        .containsExactly(outbound, plaintext, hbone, socks, adminPort, statsPort, readyPort);
  }

  private static String reach(TestPod pod, String address, int port) {
    Socket socket;
    try {
      socket = pod.connect(address, port);
    } catch (IOException refused) {
      return "C";
    }
    try (socket) {
      return get(socket).startsWith("HTTP/1.1 ") ? "H" : "R";
    } catch (IOException closed) {
      return "R";
    }
  }

  private static String get(Socket socket) throws IOException {
    socket.setSoTimeout(15_000);
    socket
        .getOutputStream()
        .write(
            "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (answer.isEmpty()) {
      throw new IOException("closed without an answer");
    }
    return answer;
  }
}
