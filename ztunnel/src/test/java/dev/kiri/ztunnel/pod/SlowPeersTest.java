package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.tunnel.TunnelSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Peers that begin something and never end it: each wait has an end, the log says why, and nobody
/// else notices.
class SlowPeersTest {
  private static final int APP = 8080;
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final InetSocketAddress OF_B = at("192.0.2.12", PodSettings.HBONE_PORT);

  private MeshOfTwoPods mesh;

  @BeforeEach
  void build() throws IOException {
    mesh =
        new MeshOfTwoPods(
            TunnelSettings.DEFAULT.withTimes(
                Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(500)));
    mesh.b.serve(APP);
    mesh.a.ask("192.0.2.12", APP); // b has its certificate by now
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  void a_handshake_that_is_dribbled_is_closed_and_named() throws Exception {
    var hello = new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
    try (var slow = fromNode(OF_B.getPort())) {
      int sent = 0;
      var others = others();
      while (sent < 400 && stillOpen(slow)) {
        slow.getOutputStream().write(sent < hello.length ? hello[sent] : 0);
        sent++;
        others.call();
        assertThat(slow.getInputStream().available()).isZero();
      }
      assertThat(sent).isLessThan(400);
    } catch (IOException reset) {
      // written to a connection that was closed meanwhile: what is expected
    }
    awaitLine("direction=\"inbound\" error=\"tls handshake error:");
    awaitNothingHeld();
  }

  @Test
  void a_tunnel_whose_settings_never_come_is_closed() throws Exception {
    try (var tunnel = inNode(() -> RawTunnel.silent(OF_B, stranger(), LIMIT))) {
      assertThat(tunnel.untilEnd().isClosed()).isTrue();
    }
    others().call();
    awaitNothingHeld();
  }

  /// A request in pieces that never end: no PING can be answered meanwhile.
  @Test
  void a_request_that_is_dribbled_ends_its_tunnel() throws Exception {
    try (var tunnel = inNode(() -> RawTunnel.dial(OF_B, stranger(), LIMIT))) {
      int stream = tunnel.takeStream();
      var block = HeaderList.connect("192.0.2.12:8080").block();
      tunnel.send(new Frame(Frame.HEADERS, 0, stream, Arrays.copyOf(block, 1)));
      var end = tunnel.ending();

      assertThat(end.get().isClosed()).isTrue();
    }
    others().call();
    awaitNothingHeld();
  }

  /// It answers every PING, so it is alive, and asks for nothing: it may stay as long as an idle
  /// tunnel of a pool may, and no longer.
  @Test
  void a_tunnel_that_never_asks_for_anything_is_ended_and_named() throws Exception {
    try (var tunnel = inNode(() -> RawTunnel.dial(OF_B, stranger(), LIMIT))) {
      var goAway = tunnel.await(frame -> frame.is(Frame.GOAWAY));
      assertThat(goAway.number(4, -1)).isZero();
      assertThat(tunnel.untilEnd().isClosed()).isTrue();
    }
    awaitLine("direction=\"inbound\" error=\"no request within ");
    others().call();
    awaitNothingHeld();
  }

  @Test
  void a_client_of_the_socks_port_that_never_says_where_to_is_closed_and_named() throws Exception {
    try (var silent = mesh.a.connect("127.0.0.1", PodSettings.SOCKS_PORT);
        var greeted = mesh.a.connect("127.0.0.1", PodSettings.SOCKS_PORT)) {
      silent.setSoTimeout(20_000);
      greeted.setSoTimeout(20_000);
      silent.getOutputStream().write(5);
      greeted.getOutputStream().write(new byte[] {5, 1, 0});
      assertThat(greeted.getInputStream().readNBytes(2)).isEqualTo(new byte[] {5, 0});
      greeted.getOutputStream().write(new byte[] {5, 1, 0, 3, (byte) 200, 'a'});
      others().call();

      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(greeted.getInputStream().read()).isEqualTo(-1);
    }
    awaitLine("direction=\"outbound\" error=\"no request within 10 s\"");
    awaitNothingHeld();
  }

  /// A hundred of each kind at once take a hundred places, not the pod.
  @Test
  void many_of_them_take_places_and_give_them_back() throws Exception {
    var slow = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 100; i++) {
        slow.add(fromNode(OF_B.getPort()));
        slow.getLast().getOutputStream().write(22);
      }
      others().call();
      assertThat(mesh.metric("kiri_pod_connections", "b")).isLessThanOrEqualTo(102);
      for (var socket : slow) {
        socket.setSoTimeout(20_000);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    } finally {
      for (var socket : slow) {
        socket.close();
      }
    }
    awaitNothingHeld();
  }

  private Callable<String> others() {
    return () -> {
      var answer = mesh.a.ask("192.0.2.12", APP);
      assertThat(answer).endsWith(" hello");
      return answer;
    };
  }

  private static boolean stillOpen(Socket socket) throws IOException {
    socket.setSoTimeout(20);
    try {
      return socket.getInputStream().read() >= 0;
    } catch (java.net.SocketTimeoutException nothingYet) {
      return true;
    }
  }

  /// But for the tunnel of `a`.
  private void awaitNothingHeld() {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                mesh.metric("kiri_pod_connections", "b") <= 1
                    && mesh.metric("kiri_pod_connections", "a") == 0);
  }

  private void awaitLine(String text) {
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> mesh.lines().stream().anyMatch(line -> line.contains(text)));
  }

  private WorkloadCertificate stranger() {
    return mesh.authority().workload("ns", "stranger");
  }

  private Socket fromNode(int port) throws IOException {
    return inNode(
        () -> {
          var socket = new Socket();
          socket.connect(at("192.0.2.12", port), 3_000);
          return socket;
        });
  }

  private interface InNode<T> {
    T call() throws IOException;
  }

  private <T> T inNode(InNode<T> work) throws IOException {
    return mesh.network.node().inside(work::call);
  }
}
