package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.redirect.net.TestPod;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What upstream pins of the end of a proxy (istio/ztunnel `tests/namespaced.rs`, `src/drain.rs`).
class DrainTest {
  private static final int APP = 8080;
  private static final Duration LONG = Duration.ofSeconds(20);

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

  @ParameterizedTest
  @ValueSource(strings = {"a", "b"})
  void an_open_connection_goes_on_on_either_side_and_its_end_is_the_end_of_the_drain(String side)
      throws Exception {
    try (var open = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(open, "one");

      var drained = proxy(side).drain(LONG).toCompletableFuture();

      assertThat(TestPod.say(open, "two")).isEqualTo("8080 192.0.2.11 two");
      assertThat(drained).isNotDone();
      open.shutdownOutput();
      await().atMost(Duration.ofSeconds(5)).until(drained::isDone);
    }
    assertThat(mesh.lines()).noneMatch(line -> line.contains("error="));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b"})
  void what_is_still_open_at_the_deadline_is_ended_and_named(String side) throws Exception {
    try (var open = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(open, "one");

      proxy(side).drain(Duration.ofMillis(500)).toCompletableFuture().join();

      assertThat(ends(open)).isTrue();
    }
    mesh.awaitLine(
        line ->
            line.startsWith("error\taccess\tconnection complete")
                && line.contains("connection failed to drain within the timeout"));
  }

  /// Nothing listens any more, so that the kernel refuses what is redirected there.
  @ParameterizedTest
  @ValueSource(strings = {"a", "b"})
  void new_connections_fail_at_once(String side) throws Exception {
    mesh.a.ask("192.0.2.12", APP);

    proxy(side).drain(LONG);

    await()
        .atMost(Duration.ofSeconds(2))
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", APP))
                    .isInstanceOf(IOException.class));
  }

  /// The client's proxy accepts, as it cannot know yet; nothing comes through.
  @Test
  void when_the_servers_proxy_is_removed_clients_connect_and_their_data_fails() throws Exception {
    try (var old = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(old, "one");

      mesh.ofB.stop();

      assertThat(ends(old)).isTrue();
      try (var fresh = mesh.a.connect("192.0.2.12", APP)) {
        assertThat(fresh.isConnected()).isTrue();
        assertThatThrownBy(() -> TestPod.say(fresh, "two")).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void plain_text_connections_go_on_too() throws Exception {
    mesh.put(new MeshUpdate.PutWorkload(workload("b", "192.0.2.12").build()));
    try (var open = mesh.a.connect("192.0.2.12", APP)) {
      TestPod.say(open, "one");

      var drained = mesh.ofB.drain(LONG).toCompletableFuture();

      assertThat(TestPod.say(open, "two")).isEqualTo("8080 192.0.2.11 two");
      assertThat(drained).isNotDone();
      open.shutdownOutput();
      await().atMost(Duration.ofSeconds(5)).until(drained::isDone);
    }
  }

  private PodProxy proxy(String side) {
    return side.equals("a") ? mesh.ofA : mesh.ofB;
  }

  /// By FIN or by RST.
  private static boolean ends(java.net.Socket socket) {
    try {
      return socket.getInputStream().read() == -1;
    } catch (java.net.SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }
}
