package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What applications see of each other's FIN and RST, with a proxy at both ends, in a tunnel and
/// without one; and that nothing is left behind. Rows are those of what users suffer from, see
/// [UserDemandsTest].
class TcpEndsTest {
  private static final int APP = 8080;
  private static final int TIMEOUT_MILLIS = 5_000;

  private MeshOfTwoPods mesh;
  private ServerSocket listener;

  /// How the proxies talk to each other.
  enum Way {
    TUNNEL,
    PLAIN
  }

  @BeforeEach
  void build() throws IOException {
    mesh = new MeshOfTwoPods();
    listener = mesh.b.netns().inside(() -> new ServerSocket(APP, 200, null));
    listener.setSoTimeout(TIMEOUT_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    if (listener != null) {
      listener.close();
    }
    if (mesh != null) {
      mesh.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_client_that_has_said_everything_still_gets_its_answer(Way way) throws Exception {
    try (var client = connect(way);
        var server = accept()) {
      client.getOutputStream().write("question".getBytes(StandardCharsets.UTF_8));
      client.shutdownOutput();

      assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("question");
      server.getOutputStream().write("answer".getBytes(StandardCharsets.UTF_8));
      end(server);

      assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("answer");
    }
    awaitNothingOpen();
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_server_that_has_said_everything_still_hears_its_client(Way way) throws Exception {
    try (var client = connect(way);
        var server = accept()) {
      server.getOutputStream().write("greeting".getBytes(StandardCharsets.UTF_8));
      server.shutdownOutput();

      assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("greeting");
      client.getOutputStream().write("reply".getBytes(StandardCharsets.UTF_8));
      client.shutdownOutput();

      assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("reply");
    }
    awaitNothingOpen();
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_server_that_closes_in_order_is_never_heard_as_a_reset(Way way) throws Exception {
    for (int i = 0; i < 20; i++) {
      try (var client = connect(way);
          var server = accept()) {
        greet(client, server);
        server.getOutputStream().write(new byte[100_000]);
        end(server);

        assertThat(client.getInputStream().readAllBytes()).hasSize(100_000);
      }
    }
    awaitNothingOpen();
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_client_that_resets_is_heard_by_its_server(Way way) throws Exception {
    try (var client = connect(way);
        var server = accept()) {
      greet(client, server);
      reset(client);

      assertReset(server);
    }
    awaitNothingOpen();
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_server_that_resets_is_heard_by_its_client(Way way) throws Exception {
    try (var client = connect(way);
        var server = accept()) {
      greet(client, server);
      reset(server);

      assertReset(client);
    }
    awaitNothingOpen();
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_reset_after_one_side_has_ended_is_heard_too(Way way) throws Exception {
    try (var client = connect(way);
        var server = accept()) {
      client.shutdownOutput();
      assertThat(server.getInputStream().read()).isEqualTo(-1);
      reset(server);

      assertReset(client);
    }
    awaitNothingOpen();
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_client_that_resets_before_anything_was_opened_leaves_nothing(Way way)
      throws Exception {
    listener.close();
    for (int i = 0; i < 50; i++) {
      reset(connect(way));
    }
    awaitNothingOpen();
  }

  @ParameterizedTest
  @EnumSource
  void row_5_a_reset_in_the_middle_of_a_transfer_leaves_nothing(Way way) throws Exception {
    try (var client = connect(way);
        var server = accept()) {
      var sender = flood(server, new AtomicLong());
      client.getInputStream().readNBytes(1 << 20);
      reset(client);

      assertThat(sender.join(Duration.ofSeconds(5))).isTrue();
    }
    awaitNothingOpen();
  }

  /// Descriptors that never return.
  @ParameterizedTest
  @EnumSource
  void row_2_descriptors_return_however_connections_end(Way way) throws Exception {
    cycle(way);
    awaitNothingOpen();
    long before = descriptors();

    for (int i = 0; i < 15; i++) {
      cycle(way);
    }
    awaitNothingOpen();

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before + 3));
  }

  private void cycle(Way way) throws IOException {
    var clients = new ArrayList<Socket>();
    var servers = new ArrayList<Socket>();
    for (int i = 0; i < 10; i++) {
      clients.add(connect(way));
      servers.add(accept());
    }
    for (int i = 0; i < 10; i++) {
      switch (i % 5) {
        case 0 -> clients.get(i).shutdownOutput(); // and abandoned until the server closes
        case 1 -> servers.get(i).shutdownOutput();
        case 2 -> reset(clients.get(i));
        case 3 -> reset(servers.get(i));
        default -> clients.get(i).getOutputStream().write(new byte[1000]); // never read
      }
    }
    for (var socket : servers) {
      socket.close();
    }
    for (var socket : clients) {
      socket.close();
    }
  }

  /// Many small pieces, beside a reader that stalls.
  @Test
  void row_4_one_byte_at_a_time_goes_on_beside_a_reader_that_stalls() throws Exception {
    try (var stalled = connect(Way.TUNNEL);
        var flooding = accept()) {
      var flood = flood(flooding, new AtomicLong());
      try (var chatty = connect(Way.TUNNEL);
          var other = accept()) {
        chatty.setTcpNoDelay(true);
        for (int i = 0; i < 20_000; i++) {
          chatty.getOutputStream().write(i);
        }
        chatty.shutdownOutput();
        assertThat(other.getInputStream().readAllBytes()).hasSize(20_000);
      }
      assertThat(stalled.isClosed()).isFalse();
      end(flooding);
      assertThat(flood.join(Duration.ofSeconds(5))).isTrue();
    }
  }

  /// A pod that never reads stops its sender within what windows and socket buffers hold.
  @ParameterizedTest
  @EnumSource
  void row_4_a_pod_that_never_reads_stops_its_sender_and_nobody_else(Way way) throws Exception {
    try (var silent = connect(way);
        var server = accept()) {
      var sent = new AtomicLong();
      var sender = flood(server, sent);
      var last = new AtomicLong(-1);
      await() // until it has stood still for a while
          .pollInterval(Duration.ofMillis(300))
          .atMost(Duration.ofSeconds(20))
          .until(() -> last.getAndSet(sent.get()) == sent.get());
      assertThat(sent.get()).isLessThan(64L << 20);

      mesh.a.serve(9191);
      assertThat(mesh.b.ask("192.0.2.11", 9191)).endsWith("hello");
      reset(silent);
      assertThat(sender.join(Duration.ofSeconds(5))).isTrue();
    }
    awaitNothingOpen();
  }

  private Socket connect(Way way) throws IOException {
    if (way == Way.PLAIN) {
      mesh.put(new MeshUpdate.PutWorkload(workload("b", "192.0.2.12").build()));
    }
    var socket = mesh.a.connect("192.0.2.12", APP);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  private Socket accept() throws IOException {
    var socket = listener.accept();
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  /// A first byte from end to end: the connection is joined.
  private static void greet(Socket client, Socket server) throws IOException {
    client.getOutputStream().write(1);
    assertThat(server.getInputStream().read()).isEqualTo(1);
  }

  /// Sends, and counts what the socket took, until it is closed or reset.
  private static Thread flood(Socket socket, AtomicLong sent) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  socket.getOutputStream().write(new byte[65_536]);
                  sent.addAndGet(65_536);
                }
              } catch (IOException ended) {
                // what is expected
              }
            });
  }

  private static void assertReset(Socket socket) {
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  private static void end(Socket socket) throws IOException {
    socket.close();
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private void awaitNothingOpen() {
    for (var proxy : List.of(mesh.ofA, mesh.ofB)) {
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> proxy.connections().count().toCompletableFuture().join() == 0);
    }
  }

  private static long descriptors() throws IOException {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
