package dev.kiri.redirect.zds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.Errno;
import dev.kiri.redirect.sys.LinuxException;
import dev.kiri.redirect.sys.Packet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent's end against a ztunnel that is written out packet by packet, and the two ends against
/// each other.
class ZdsExchangeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final WorkloadInfo WEB = new WorkloadInfo("web", "shop", "web-account");
  private static final byte[] ACK = ZdsMessages.ack("");

  @TempDir private Path folder;
  private Path path;
  private HomeNetns home;
  private PodNetns self;
  private ZdsServer server;
  private final AtomicReference<List<ZdsPod>> snapshot = new AtomicReference<>(List.of());
  private final List<String> ends = new CopyOnWriteArrayList<>();

  @BeforeEach
  void listen() throws IOException {
    path = folder.resolve("run/ztunnel.sock");
    home = HomeNetns.ofThisThread();
    // No privilege is needed to hand over a descriptor of one's own namespace.
    self = PodNetns.open(Path.of("/proc/self/ns/net"), home);
    server =
        ZdsServer.listen(
            path,
            new ZdsTimings(
                Duration.ofMillis(300),
                Duration.ofMillis(300),
                Duration.ofMillis(300),
                Duration.ofMillis(50)),
            new ZdsServerObserver() {
              @Override
              public void disconnected(String id, String why) {
                ends.add(why);
              }
            });
    server.accept(snapshot::get);
  }

  @AfterEach
  void close() {
    server.close();
    self.close();
  }

  @Test
  void a_newcomer_gets_every_pod_and_the_end_of_the_snapshot() throws Exception {
    snapshot.set(List.of(new ZdsPod("a", WEB, self.share()), new ZdsPod("b", WEB, null)));

    try (var ztunnel = hello()) {
      var add = next(ztunnel);
      assertThat(ZdsMessages.decode(add.data())).isEqualTo(new ZdsRequest.Add("a", WEB));
      assertThat(add.descriptors()).hasSize(1);
      try (var received = PodNetns.adopt(add.descriptors().getFirst(), home)) {
        assertThat(received.id()).isEqualTo(self.id());
      }
      var keep = next(ztunnel);
      assertThat(ZdsMessages.decode(keep.data())).isEqualTo(new ZdsRequest.Keep("b"));
      assertThat(keep.descriptors()).isEmpty();
      assertThat(ZdsMessages.decode(next(ztunnel).data())).isEqualTo(new ZdsRequest.SnapshotSent());
      assertThat(server.connected()).isEqualTo(1);
    }
    await().until(() -> server.connected() == 0);
  }

  @Test
  void without_ztunnel_an_addition_fails_at_once_and_a_deletion_has_nobody_to_tell() {
    assertThatThrownBy(() -> server.add("a", WEB, self)).hasMessage("no ztunnel connection");
    assertThatCode(() -> server.delete("a")).doesNotThrowAnyException();
  }

  @Test
  void a_refusal_reaches_the_caller() throws Exception {
    try (var ztunnel = connected()) {
      var failure = inBackground(() -> server.add("a", WEB, self));
      receive(ztunnel).closeDescriptors();
      ztunnel.send(ZdsMessages.ack("port taken"), null, SECOND);

      await()
          .untilAsserted(() -> assertThat(failure.get()).hasMessage("got ack error: port taken"));
    }
  }

  @Test
  void a_late_answer_ends_the_connection_because_it_could_be_taken_for_another() throws Exception {
    try (var ztunnel = connected()) {
      assertThatThrownBy(() -> server.add("a", WEB, self)).hasMessage("no ack within 300 ms");

      receive(ztunnel).closeDescriptors();
      assertThat(receive(ztunnel).isEnd()).isTrue();
      await().until(() -> server.connected() == 0);
    }
  }

  @Test
  void a_client_that_leaves_without_answering_fails_the_caller() throws Exception {
    var ztunnel = connected();
    var failure = inBackground(() -> server.delete("a"));
    receive(ztunnel);
    ztunnel.close();

    await()
        .untilAsserted(
            () ->
                assertThat(failure.get()).hasMessage("connection closed before response received"));
    await().until(() -> server.connected() == 0);
  }

  @Test
  void additions_go_to_the_newest_and_deletions_to_all() throws Exception {
    try (var old = connected()) {
      var fresh = connected();
      var added = inBackground(() -> server.add("a", WEB, self));
      next(fresh).closeDescriptors();
      await().untilAsserted(() -> assertThat(added.get()).isNull());

      var deleted = inBackground(() -> server.delete("a"));
      assertThat(ZdsMessages.decode(next(old).data())).isEqualTo(new ZdsRequest.Delete("a"));
      assertThat(ZdsMessages.decode(next(fresh).data())).isEqualTo(new ZdsRequest.Delete("a"));
      await().untilAsserted(() -> assertThat(deleted.get()).isNull());

      fresh.close();
      await().until(() -> server.connected() == 1);
      var fallback = inBackground(() -> server.add("b", WEB, self));
      var request = next(old);
      request.closeDescriptors();
      assertThat(ZdsMessages.decode(request.data())).isEqualTo(new ZdsRequest.Add("b", WEB));
      await().untilAsserted(() -> assertThat(fallback.get()).isNull());
    }
  }

  @Test
  void a_client_without_hello_is_cut_off() throws Exception {
    try (var silent = SeqpacketSocket.connect(path)) {
      assertThat(receive(silent).isEnd()).isTrue();
    }
    await().untilAsserted(() -> assertThat(ends).contains("no hello within 300 ms"));
  }

  @Test
  void a_client_that_speaks_without_being_asked_is_cut_off() throws Exception {
    try (var ztunnel = connected()) {
      ztunnel.send(ACK, null, SECOND);

      assertThat(receive(ztunnel).isEnd()).isTrue();
    }
    await().untilAsserted(() -> assertThat(ends).contains("ztunnel spoke without being asked"));
  }

  @Test
  void an_idle_client_stays_connected() throws Exception {
    try (var ztunnel = connected()) {
      assertThatThrownBy(() -> ztunnel.receive(1, Duration.ofMillis(250)))
          .isInstanceOfSatisfying(
              LinuxException.class, silence -> assertThat(silence.is(Errno.EAGAIN)).isTrue());
      assertThat(server.connected()).isEqualTo(1);
    }
  }

  @Test
  void a_pod_too_big_for_a_packet_fails_alone() throws Exception {
    try (var ztunnel = connected()) {
      assertThatThrownBy(() -> server.add("x".repeat(2000), WEB, self))
          .isInstanceOf(ZdsException.class)
          .hasMessageContaining("1024");

      var added = inBackground(() -> server.add("a", WEB, self));
      next(ztunnel).closeDescriptors();
      await().untilAsserted(() -> assertThat(added.get()).isNull());
    }
  }

  @Test
  void both_real_ends_agree() throws Exception {
    snapshot.set(List.of(new ZdsPod("a", WEB, self.share())));
    var served = new CopyOnWriteArrayList<String>();
    var proxies =
        new PodProxies(
            (uid, workload, netns) -> {
              served.add("+" + uid + " " + workload);
              return () -> {
                served.add("-" + uid);
                netns.close();
              };
            },
            new PodProxies.Observer() {
              @Override
              public void ready(boolean ready) {
                if (ready && !served.contains("ready")) {
                  served.add("ready");
                }
              }
            });

    try (var client = new ZdsClient(path, home, proxies)) {
      client.start();
      await()
          .untilAsserted(
              () -> assertThat(served).containsExactly("+a shop/web as web-account", "ready"));
      server.add("b", WEB, self);
      server.delete("a");
      assertThat(served)
          .containsExactly(
              "+a shop/web as web-account", "ready", "+b shop/web as web-account", "-a");
    }
    await().until(() -> server.connected() == 0);
  }

  private SeqpacketSocket hello() throws IOException {
    var socket = SeqpacketSocket.connect(path);
    socket.send(ZdsMessages.hello(), null, SECOND);
    return socket;
  }

  /// A ztunnel that has read an empty snapshot.
  private SeqpacketSocket connected() throws IOException {
    var before = server.connected();
    var socket = hello();
    assertThat(ZdsMessages.decode(next(socket).data())).isEqualTo(new ZdsRequest.SnapshotSent());
    assertThat(server.connected()).isEqualTo(before + 1);
    return socket;
  }

  /// Receives a request and says yes.
  private static Packet next(SeqpacketSocket socket) throws IOException {
    var packet = receive(socket);
    assertThat(packet.isEnd()).isFalse();
    socket.send(ACK, null, SECOND);
    return packet;
  }

  private static Packet receive(SeqpacketSocket socket) throws IOException {
    return socket.receive(1, SECOND);
  }

  private interface Call {
    void run() throws Exception;
  }

  /// Null when the call has succeeded; its failure otherwise.
  private static AtomicReference<Throwable> inBackground(Call call) {
    var outcome = new AtomicReference<Throwable>(new AssertionError("still running"));
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                call.run();
                outcome.set(null);
              } catch (Exception failed) {
                outcome.set(failed);
              }
            });
    return outcome;
  }
}
