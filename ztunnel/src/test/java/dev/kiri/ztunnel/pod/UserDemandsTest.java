package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.ztunnel.TestPolicies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What users of ambient meshes suffer from, by the rows of the ranked list of it (rows 2, 4 and 5:
/// [TcpEndsTest]; row 1: [DrainTest]; row 6: [ListenersTest]; row 8: redirect's capture tests).
class UserDemandsTest {
  private static final int APP = 8080;

  /// Short enough to wait for, long enough for a loaded machine.
  private static final PoolSettings HASTY =
      PoolSettings.DEFAULT.withTimes(
          Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ofMinutes(5));

  private MeshOfTwoPods mesh;

  private void build(PoolSettings pool, int loops) throws IOException {
    mesh = new MeshOfTwoPods(pool, loops);
    mesh.b.serve(APP);
  }

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
  }

  /// One tunnel for a pair of identities is one core (istio/ztunnel#1174): with two event loops
  /// there are two tunnels, and with any number of connections not many more.
  @Test
  void row_3_connections_of_one_pair_of_identities_use_all_event_loops() throws Exception {
    build(PoolSettings.DEFAULT, 2);
    var open = new ArrayList<Socket>();
    try {
      while (tunnels() < 2 && open.size() < 64) {
        open.add(mesh.a.connect("192.0.2.12", APP));
        assertThat(TestPod.say(open.getLast(), "hello")).endsWith(" hello");
      }
      assertThat(tunnels()).isEqualTo(2);
      for (int i = 0; i < 16; i++) {
        open.add(mesh.a.connect("192.0.2.12", APP));
      }
      for (var socket : open) {
        assertThat(TestPod.say(socket, "again")).endsWith(" again");
      }
      assertThat(tunnels()).isEqualTo(2);
    } finally {
      for (var socket : open) {
        socket.close();
      }
    }
  }

  private long tunnels() throws IOException {
    return TestNetwork.run(
            mesh.a.netns(), "ss", "-Htn", "state", "established", "dport", "=", ":15008")
        .lines()
        .count();
  }

  /// The pod's address goes to another pod (istio/ztunnel#1662) before everybody has heard.
  @Test
  void row_5_and_29_an_address_that_changed_hands_is_not_reached_by_the_old_ones_tunnels()
      throws Exception {
    build(PoolSettings.DEFAULT, 1);
    assertThat(mesh.a.ask("192.0.2.12", APP)).endsWith(" hello");

    mesh.put(new MeshUpdate.RemoveAddress("cluster1//v1/Pod/ns/b"));
    mesh.put(new MeshUpdate.PutWorkload(captured("successor", "192.0.2.12").build()));

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", APP)).isInstanceOf(IOException.class);
    mesh.awaitLine(
        line ->
            line.contains("direction=\"outbound\"")
                && line.contains("dst.workload=\"successor\"")
                && line.contains("error=\""));
  }

  @Test
  void row_5_a_client_that_resets_while_an_address_is_looked_up_leaves_nothing() throws Exception {
    build(HASTY, 1);
    var asked = new CompletableFuture<Boolean>();
    var address = new CompletableFuture<InetAddress>();
    mesh.resolver =
        (workload, target) -> {
          asked.complete(true);
          return address;
        };
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    var named = captured("named").hostname("named.example").service(key("svc"), PortMap.empty());
    mesh.put(new MeshUpdate.PutWorkload(named.build()));
    var client = mesh.a.connect("192.0.2.200", 80);
    asked.join();
    reset(client);

    address.complete(InetAddress.ofLiteral("192.0.2.12"));

    awaitNothingOpen();
  }

  @Test
  void row_5_a_client_that_resets_while_its_tunnel_is_dialled_leaves_nothing() throws Exception {
    build(HASTY, 1);
    drop("tcp dport 15008");
    var client = mesh.a.connect("192.0.2.12", APP);
    await().until(() -> mesh.ofA.connections().count().toCompletableFuture().join() == 1);
    reset(client);

    awaitNothingOpen();
    assertThat(mesh.a.connect("192.0.2.1", 1).isConnected()).isTrue(); // others go on
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private void awaitNothingOpen() {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                mesh.ofA.connections().count().toCompletableFuture().join() == 0
                    && mesh.metric("kiri_pod_connections", "a") == 0);
  }

  @Test
  void row_7_a_network_policy_that_blocks_the_tunnel_port_is_hinted_at() throws Exception {
    build(HASTY, 1);
    drop("tcp dport 15008");

    assertThatThrownBy(() -> mesh.a.ask("192.0.2.12", APP)).isInstanceOf(IOException.class);

    mesh.awaitLine(
        line ->
            line.contains(
                "error=\"connection timed out, maybe a NetworkPolicy is blocking"
                    + " HBONE port 15008"));
  }

  /// Metrics about pods do not outlive them (istio/ztunnel#1719); those of connections are bounded
  /// by number and idleness.
  @Test
  void row_10_a_pod_that_is_gone_leaves_no_series_of_its_own() throws Exception {
    build(PoolSettings.DEFAULT, 1);
    mesh.a.ask("192.0.2.12", APP);
    assertThat(seriesOf("a")).isPositive();

    mesh.ofA.stop();

    await().until(() -> seriesOf("a") == 0);
    assertThat(seriesOf("b")).isPositive();
  }

  private long seriesOf(String pod) {
    return mesh.metrics.scrape().stream()
        .flatMap(family -> family.getDataPoints().stream())
        .filter(point -> pod.equals(point.getLabels().get("pod")))
        .count();
  }

  /// One policy flips; of many connections only those it concerns end.
  @Test
  void row_11_a_policy_ends_the_connections_it_concerns_and_no_others() throws Exception {
    build(PoolSettings.DEFAULT, 2);
    mesh.b.serve(9090);
    var concerned = new ArrayList<Socket>();
    var others = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 50; i++) {
        concerned.add(mesh.a.connect("192.0.2.12", APP));
        others.add(mesh.a.connect("192.0.2.12", 9090));
        TestPod.say(concerned.getLast(), "one");
        TestPod.say(others.getLast(), "one");
      }

      mesh.put(new MeshUpdate.PutPolicy(TestPolicies.denyPort(APP)));

      for (var socket : concerned) {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
      for (var socket : others) {
        assertThat(TestPod.say(socket, "two")).endsWith(" two");
      }
    } finally {
      for (var sockets : List.of(concerned, others)) {
        for (var socket : sockets) {
          socket.close();
        }
      }
    }
    await()
        .until(
            () ->
                mesh.lines().stream()
                        .filter(line -> line.contains("direction=\"inbound\""))
                        .filter(line -> line.endsWith("closed due to policy change\""))
                        .count()
                    == 50);
  }

  /// What one pod takes is held back for the other as soon as both want the loop. (The quiet one
  /// waits when its thread was put aside by the machine in the middle of a read.)
  @Test
  void row_20_and_21_a_noisy_pod_waits_for_its_quiet_neighbour_and_not_the_other_way_round()
      throws Exception {
    build(PoolSettings.DEFAULT, 1);
    mesh.a.serve(9191);
    var quiet = mesh.network.pod("quiet", 13);
    var served = mesh.network.pod("served", 14);
    mesh.put(new MeshUpdate.PutWorkload(captured("quiet", "192.0.2.13").build()));
    var ofQuiet = mesh.serve(quiet, "quiet");
    served.serve(APP); // outside the mesh: plain text, all of it in the quiet pod's share
    var noise = new ArrayList<Socket>();
    try (var talk = quiet.connect("192.0.2.14", APP)) {
      for (int i = 0; i < 32; i++) {
        noise.add(flood());
      }

      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                for (int i = 0; i < 50; i++) {
                  assertThat(TestPod.say(talk, "hello")).endsWith(" hello");
                }
                return waitsOfTheNoisy() > 500;
              });

      assertThat(mesh.metric("kiri_pod_waits", "quiet")).isLessThan(waitsOfTheNoisy() / 2);
      assertThat(mesh.metric("kiri_pod_loop_seconds", "quiet")).isPositive();
    } finally {
      for (var socket : noise) {
        socket.close();
      }
      ofQuiet.stop();
    }
  }

  private double waitsOfTheNoisy() {
    return mesh.metric("kiri_pod_waits", "a") + mesh.metric("kiri_pod_waits", "b");
  }

  /// Sends lines from `a` to `b` without end, and hears as many back.
  private Socket flood() throws IOException {
    var socket = mesh.a.connect("192.0.2.12", APP);
    socket.setSoTimeout(0);
    var lines =
        ("x".repeat(8_000) + "\n").repeat(8).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    forever(() -> socket.getOutputStream().write(lines));
    var heard = new byte[65_536];
    forever(
        () -> {
          if (socket.getInputStream().read(heard) < 0) {
            throw new IOException("ended");
          }
        });
    return socket;
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void forever(Step step) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  step.run();
                }
              } catch (IOException ended) {
                // the end of the test
              }
            });
  }

  /// An endpoint that swallows packets costs one connect timeout once, and its neighbours get the
  /// rest.
  @Test
  void row_25_an_endpoint_that_dies_in_silence_is_replaced_and_then_left_out() throws Exception {
    build(HASTY, 1);
    TestNetwork.ip(mesh.network.node(), "route add 192.0.2.99 dev veth-b");
    drop("ip daddr 192.0.2.99");
    mesh.put(new MeshUpdate.PutService(service("svc").vip("192.0.2.200").port(80, APP).build()));
    for (var pod : List.of(captured("b", "192.0.2.12"), captured("dead", "192.0.2.99"))) {
      mesh.put(new MeshUpdate.PutWorkload(pod.service(key("svc"), PortMap.empty()).build()));
    }

    for (int i = 0; i < 20; i++) {
      assertThat(mesh.a.ask("192.0.2.200", 80)).endsWith(" hello");
    }

    await().until(() -> mesh.lines().size() >= 40);
    assertThat(mesh.lines().stream().filter(line -> line.contains("retried_on=")))
        .singleElement()
        .asString()
        .contains("dst.workload=\"dead\"", "connection timed out");
  }

  @Test
  void row_26_a_dry_run_policy_is_reported_and_denies_nobody() throws Exception {
    build(PoolSettings.DEFAULT, 1);
    mesh.put(new MeshUpdate.PutPolicy(TestPolicies.dryRun(TestPolicies.denyPort(APP))));

    assertThat(mesh.a.ask("192.0.2.12", APP)).endsWith(" hello");
  }

  /// On the node, which forwards between the pods.
  private void drop(String what) throws IOException {
    TestNetwork.run(
        mesh.network.node(),
        "/usr/sbin/nft",
        "table inet test { chain f { type filter hook forward priority 0; " + what + " drop; }; }");
  }
}
