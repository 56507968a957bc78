package dev.kiri.redirect.zds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.Linux;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ztunnel's end against an agent that is written out packet by packet.
class ZdsClientTest {
  private static final Duration SECOND = Duration.ofSeconds(2);
  private static final WorkloadInfo WEB = new WorkloadInfo("web", "shop", "web");

  @TempDir private Path folder;
  private SeqpacketSocket listener;
  private ZdsClient client;
  private SeqpacketSocket agent;
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final ZdsHandler recorder =
      new ZdsHandler() {
        @Override
        public void connected() {
          calls.add("connected");
        }

        @Override
        public void add(String uid, WorkloadInfo workload, PodNetns netns) throws IOException {
          calls.add("add " + uid + " " + workload);
          netns.close();
          if (uid.equals("unlucky")) {
            throw new IOException("port taken");
          }
        }

        @Override
        public void keep(String uid) {
          calls.add("keep " + uid);
        }

        @Override
        public void delete(String uid) {
          calls.add("delete " + uid);
        }

        @Override
        public void snapshotSent() {
          calls.add("snapshot");
        }

        @Override
        public void retry() {}

        @Override
        public void disconnected(String why) {
          calls.add("disconnected");
        }

        @Override
        public void violated(String text) {
          calls.add("violated " + text);
        }
      };

  @BeforeEach
  void start() throws IOException {
    var path = folder.resolve("ztunnel.sock");
    listener = SeqpacketSocket.listen(path);
    client = new ZdsClient(path, HomeNetns.ofThisThread(), recorder);
    client.start();
    agent = accept();
  }

  @AfterEach
  void stop() {
    client.close();
    agent.close();
    listener.close();
  }

  private SeqpacketSocket accept() throws IOException {
    var socket = listener.accept();
    ZdsMessages.checkHello(socket.receive(0, SECOND).data());
    return socket;
  }

  @Test
  void each_request_is_answered_after_the_handler_did_it() throws Exception {
    assertThat(ask(new ZdsRequest.Add("a", WEB), true)).isEmpty();
    assertThat(ask(new ZdsRequest.Keep("b"), false)).isEmpty();
    assertThat(ask(new ZdsRequest.SnapshotSent(), false)).isEmpty();
    assertThat(ask(new ZdsRequest.Delete("a"), false)).isEmpty();

    assertThat(calls)
        .containsExactly("connected", "add a shop/web as web", "keep b", "snapshot", "delete a");
  }

  @Test
  void a_pod_that_cannot_be_served_is_refused_and_the_connection_stays() throws Exception {
    assertThat(ask(new ZdsRequest.Add("unlucky", WEB), true))
        .isEqualTo("failure to start proxy : port taken");
    assertThat(ask(new ZdsRequest.SnapshotSent(), false)).isEmpty();
  }

  @Test
  void an_add_without_namespace_is_unreadable_and_ends_the_connection() throws Exception {
    assertThat(ask(new ZdsRequest.Add("a", WEB), false))
        .isEqualTo("failure to read message : No control message");
    reconnects();
  }

  @Test
  void a_descriptor_on_another_message_is_unreadable() throws Exception {
    assertThat(ask(new ZdsRequest.Delete("a"), true))
        .isEqualTo("failure to read message : Unexpected control message");
    reconnects();
  }

  @Test
  void nonsense_is_unreadable() throws Exception {
    agent.send(HexFormat.of().parseHex("ffff"), null, SECOND);

    assertThat(answer()).startsWith("failure to read message : ");
    reconnects();
  }

  @Test
  void a_packet_longer_than_the_buffer_is_unreadable() throws Exception {
    agent.send(new byte[1500], null, SECOND);

    assertThat(answer()).startsWith("failure to read message : ");
    reconnects();
  }

  @Test
  void a_keep_after_the_snapshot_breaks_the_protocol() throws Exception {
    ask(new ZdsRequest.SnapshotSent(), false);

    assertThat(ask(new ZdsRequest.Keep("a"), false)).startsWith("failure to process message : ");
    await()
        .untilAsserted(() -> assertThat(calls).contains("violated keep of a after the snapshot"));
  }

  @Test
  void a_second_snapshot_breaks_the_protocol() throws Exception {
    ask(new ZdsRequest.SnapshotSent(), false);

    assertThat(ask(new ZdsRequest.SnapshotSent(), false))
        .startsWith("failure to process message : ");
  }

  @Test
  void an_add_without_workload_info_breaks_the_protocol() throws Exception {
    try (var self = Linux.open(Path.of("/proc/self/ns/net"))) {
      agent.send(HexFormat.of().parseHex("0a030a0178"), self, SECOND);
    }

    assertThat(answer()).startsWith("failure to process message : ");
  }

  @Test
  void an_agent_that_restarts_is_found_again() throws Exception {
    agent.close();

    reconnects();
    ask(new ZdsRequest.SnapshotSent(), false);
    assertThat(calls).containsExactly("connected", "disconnected", "connected", "snapshot");
  }

  private void reconnects() throws IOException {
    agent.close();
    agent = accept();
  }

  private String ask(ZdsRequest request, boolean withNamespace) throws IOException {
    if (withNamespace) {
      try (var self = Linux.open(Path.of("/proc/self/ns/net"))) {
        agent.send(ZdsMessages.encode(request), self, SECOND);
      }
    } else {
      agent.send(ZdsMessages.encode(request), null, SECOND);
    }
    return answer();
  }

  private String answer() throws IOException {
    return ZdsMessages.ackError(agent.receive(0, SECOND).data());
  }
}
