package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a pod or a peer may do wrong, and that nobody else feels it.
class BoundsTest {
  private static final int APP = 8080;

  private MeshOfTwoPods mesh;

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    mesh.a.serve(APP);
    mesh.b.serve(APP);
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  void ten_thousand_connects_at_once_take_the_pods_places_and_no_more() throws Exception {
    var target = at("192.0.2.1", 9); // the node refuses it
    var flood = new ArrayList<SocketChannel>();
    try {
      mesh.a
          .netns()
          .inside(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  var socket = SocketChannel.open();
                  flood.add(socket);
                  socket.configureBlocking(false);
                  socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                  socket.connect(target);
                }
                return flood;
              });
      // meanwhile the other pod is served
      for (int i = 0; i < 10; i++) {
        assertThat(mesh.b.ask("192.0.2.11", APP)).isEqualTo("8080 192.0.2.12 hello");
      }
      assertThat(mesh.metric("kiri_pod_connections", "a"))
          .isLessThanOrEqualTo(MeshOfTwoPods.MAX_CONNECTIONS + 1); // and the tunnel from b
    } finally {
      for (var socket : flood) {
        socket.close();
      }
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> mesh.a.ask("192.0.2.12", APP).equals("8080 192.0.2.11 hello"));
  }

  @Test
  void a_pod_with_too_many_connections_is_refused_others_and_keeps_what_it_has() throws Exception {
    var held = new ArrayList<Socket>();
    try {
      for (int i = 0; i < MeshOfTwoPods.MAX_CONNECTIONS; i++) {
        held.add(mesh.a.connect("192.0.2.12", APP));
      }
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> mesh.metric("kiri_pod_connections", "a") == MeshOfTwoPods.MAX_CONNECTIONS);

      try (var late = mesh.a.connect("192.0.2.12", APP)) {
        assertThat(answered(late)).isFalse();
      }

      assertThat(mesh.metric("kiri_pod_connections_refused", "a")).isEqualTo(1);
      assertThat(TestPod.say(held.getFirst(), "still")).endsWith(" still");
      assertThat(mesh.b.ask("192.0.2.11", APP)).endsWith(" hello");
    } finally {
      for (var socket : held) {
        socket.close();
      }
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> mesh.metric("kiri_pod_connections", "a") <= 1); // b's tunnel stays
    assertThat(mesh.a.ask("192.0.2.12", APP)).endsWith(" hello");
  }

  private static boolean answered(Socket socket) {
    try {
      TestPod.say(socket, "hello");
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void what_a_pod_took_is_in_the_metrics() throws Exception {
    mesh.a.ask("192.0.2.12", APP);

    assertThat(mesh.metric("kiri_pod_read_bytes", "a")).isPositive();
    assertThat(mesh.metric("kiri_pod_read_bytes", "b")).isPositive();
    assertThat(mesh.metric("kiri_pod_loop_seconds", "a")).isPositive();
  }

  /// A shell takes all descriptors away from this process and gives them back, since this process
  /// can then do nothing that needs one.
  @Test
  void without_descriptors_clients_wait_and_open_connections_go_on() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "needs prlimit in /usr/bin");
    try (var open = mesh.b.connect("192.0.2.11", APP)) {
      TestPod.say(open, "before");
      var shell =
          new ProcessBuilder(
                  "nsenter",
                  "--net=" + TestNetwork.path(mesh.a.netns()),
                  "--",
                  "bash",
                  "-c",
                  """
                  pid=$1
                  limits=$(prlimit --pid $pid --nofile --noheadings --output SOFT,HARD)
                  set -- $limits
                  trap "prlimit --pid $pid --nofile=$1:$2" EXIT
                  free=0
                  while [ -e /proc/$pid/fd/$free ]; do free=$((free + 1)); done
                  prlimit --pid $pid --nofile=$free:$2
                  exec 3<>/dev/tcp/192.0.2.12/8080
                  echo hello >&3
                  if read -t 1 line <&3; then echo "too early: $line"; exit; fi
                  prlimit --pid $pid --nofile=$1:$2
                  read -t 10 line <&3
                  echo "later: $line"
                  """,
                  "bash",
                  String.valueOf(ProcessHandle.current().pid()))
              .redirectErrorStream(true)
              .start();
      while (shell.isAlive()) {
        assertThat(TestPod.say(open, "meanwhile")).endsWith(" meanwhile");
        shell.waitFor(20, TimeUnit.MILLISECONDS);
      }
      assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("later: 8080 192.0.2.11 hello\n");
    }
    assertThat(mesh.a.ask("192.0.2.12", APP)).endsWith(" hello");
  }

  @Test
  void a_full_disk_under_the_log_costs_lines_and_no_connection() throws Exception {
    mesh.diskFull = true;
    for (int i = 0; i < 20; i++) {
      assertThat(mesh.a.ask("192.0.2.12", APP)).endsWith(" hello");
    }
    await().until(() -> mesh.droppedLines() == 40);
    assertThat(mesh.lines()).isEmpty();

    mesh.diskFull = false;
    assertThat(mesh.a.ask("192.0.2.12", APP)).endsWith(" hello");

    await().until(() -> mesh.lines().size() == 2);
  }

  @Test
  void a_peer_that_never_ends_its_handshake_is_closed_and_named() throws Exception {
    try (var silent = fromNode("192.0.2.12", PodSettings.HBONE_PORT)) {
      mesh.a.ask("192.0.2.12", APP); // has its certificate by now
      silent.setSoTimeout(30_000);
      silent.getOutputStream().write(new byte[] {22, 3, 1});

      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
    await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () ->
                mesh.lines().stream()
                    .anyMatch(
                        line ->
                            line.startsWith("warn\taccess\tconnection failed\tsrc.addr=192.0.2.1:")
                                && line.contains("direction=\"inbound\" error=\"")));
  }

  @Test
  void a_tunnel_that_asks_for_somebody_elses_address_is_refused() throws Exception {
    mesh.a.ask("192.0.2.12", APP);

    assertThat(mesh.requestAtB(mesh.network.node(), 0, "stranger", "192.0.2.99:80"))
        .isEqualTo("http status: 400 Bad Request");

    await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () ->
                mesh.lines().stream()
                    .anyMatch(l -> l.endsWith("error=\"ip mismatch: 192.0.2.12 != 192.0.2.99\"")));
  }

  private Socket fromNode(String address, int port) throws IOException {
    return mesh.network
        .node()
        .inside(
            () -> {
              var socket = new Socket();
              socket.connect(at(address, port), 3000);
              return socket;
            });
  }
}
