package dev.kiri.waypoint.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.HttpRetry;
import dev.kiri.waypoint.config.v1.OutlierDetection;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.RetryBudget;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.ServicePort;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a connection pool's fields bound (waypoint reference 13.2), in the whole process.
class ConnectionBoundsPathTest {
  private static final int LOOPS = 2;

  private final WaypointFixture waypoint = new WaypointFixture(LOOPS);
  private final WaypointFixture single = new WaypointFixture();
  private final Semaphore answers = new Semaphore(0);
  private final ConcurrentLinkedQueue<String> heads = new ConcurrentLinkedQueue<>();

  /// Answers a request when it is let, with what it was sent.
  private final RawServer server = new RawServer(this::answer);

  private InetSocketAddress front = new InetSocketAddress(0);

  @AfterEach
  void stop() {
    waypoint.close();
    single.close();
    server.close();
  }

  private void answer(Socket connection, int number) throws Exception {
    while (true) {
      String head = RawServer.readHead(connection.getInputStream());
      int length = head.toLowerCase(Locale.ROOT).contains("content-length: 5") ? 5 : 0;
      String body =
          new String(connection.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
      heads.add(head);
      answers.acquire();
      String text = number + body;
      RawServer.write(
          connection, "HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    }
  }

  private static Resource rule(TrafficPolicy.Builder policy) {
    return Resource.newBuilder()
        .setSource(Config.ref("DestinationRule", "d"))
        .setDestinationRule(
            DestinationRule.newBuilder()
                .addTargets(
                    ServiceTarget.newBuilder()
                        .setNamespace("shop")
                        .setHostname(Config.host("catalog")))
                .setCreationTime(Timestamp.newBuilder().setSeconds(1))
                .addPolicies(EffectivePolicy.newBuilder().setPolicy(policy)))
        .build();
  }

  private void start(WaypointFixture fixture, InetSocketAddress to, TrafficPolicy.Builder policy) {
    fixture.service("catalog", to).apply(rule(policy));
    front = fixture.front("catalog");
  }

  private RawClient get() throws IOException {
    return new RawClient(front).get("/");
  }

  private static void overflown(RawClient.Answer answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("x-envoy-overloaded")).isEqualTo("true");
    assertThat(answer.body())
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: overflow");
  }

  @Test
  void a_request_without_a_connection_waits_for_one_and_more_than_may_wait_are_overflow()
      throws Exception {
    start(
        single, server.address(), TrafficPolicy.newBuilder().setMaxConnections(1).setMaxPending(1));

    try (var first = get()) {
      await().until(() -> heads.size() == 1);
      try (var second = new RawClient(front);
          var third = new RawClient(front)) {
        second.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst");
        // it waits once another one does not get its place
        await().until(() -> third.get("/").answer().status() == 503);
        overflown(third.get("/").answer());

        answers.release(2);
        assertThat(first.answer().body()).isEqualTo("0");
        assertThat(second.answer().body()).isEqualTo("0first");
      }
    }
    assertThat(server.connections()).isEqualTo(1);
    assertThat(heads).hasSize(2);
  }

  @Test
  void a_client_that_leaves_makes_room_for_another_one_that_waits() throws Exception {
    start(
        single, server.address(), TrafficPolicy.newBuilder().setMaxConnections(1).setMaxPending(1));

    try (var first = get()) {
      await().until(() -> heads.size() == 1);
      try (var leaving = get();
          var third = new RawClient(front)) {
        await().until(() -> third.get("/").answer().status() == 503);
        leaving.socket().setSoLinger(true, 0);
      }
      await()
          .until(() -> single.observer().requests().stream().anyMatch(r -> r.flags().equals("DC")));
      try (var last = get()) {
        answers.release(2);
        assertThat(first.answer().status()).isEqualTo(200);
        assertThat(last.answer().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void a_connection_that_closes_makes_room_for_another_one() throws Exception {
    try (RawServer closing =
        new RawServer(
            (connection, _) -> {
              RawServer.readHead(connection.getInputStream());
              heads.add("");
              answers.acquire();
              RawServer.write(
                  connection, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            })) {
      start(single, closing.address(), TrafficPolicy.newBuilder().setMaxConnections(1));
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        clients.add(get());
      }
      answers.release(4);
      for (RawClient client : clients) {
        assertThat(client.answer().status()).isEqualTo(200);
        client.close();
      }
      assertThat(closing.connections()).isEqualTo(4);
    }
  }

  @Test
  void requests_under_way_are_counted_for_all_loops() throws Exception {
    start(waypoint, server.address(), TrafficPolicy.newBuilder().setMaxRequests(1));

    try (var first = get()) {
      await().until(() -> heads.size() == 1);
      for (int i = 0; i < LOOPS; i++) {
        try (var other = get()) {
          overflown(other.answer());
        }
      }
      answers.release(1 + LOOPS);
      assertThat(first.answer().status()).isEqualTo(200);
    }
    for (int i = 0; i < LOOPS; i++) {
      try (var other = get()) {
        assertThat(other.answer().status()).as("afterwards").isEqualTo(200);
      }
    }
  }

  @Test
  void connections_of_bytes_are_counted_for_all_loops() throws Exception {
    start(waypoint, server.address(), TrafficPolicy.newBuilder().setMaxConnections(1));
    waypoint.apply(bytes());

    try (var first = new RawClient(front)) {
      first.send("x");
      await().until(() -> server.connections() == 1);
      for (int i = 0; i < LOOPS; i++) {
        try (var other = new RawClient(front).send("x")) {
          assertThat(other.ended()).isTrue();
        }
      }
    }
    await()
        .until(
            () -> {
              try (var other = new RawClient(front)) {
                other.send("GET / HTTP/1.1\r\n\r\n");
                answers.release();
                return other.socket().getInputStream().read() >= 0;
              }
            });
  }

  private static Resource bytes() {
    return Resource.newBuilder()
        .setSource(Config.ref("Service", "catalog"))
        .setService(
            Service.newBuilder()
                .setNamespace("shop")
                .setHostname(Config.host("catalog"))
                .addPorts(ServicePort.newBuilder().setPort(80).setProtocol(Protocol.TCP)))
        .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_connection_of_bytes_ends_when_it_is_silent_or_lasts_too_long(boolean silent)
      throws Exception {
    TrafficPolicy.Builder policy = TrafficPolicy.newBuilder();
    start(
        single,
        server.address(),
        silent
            ? policy.setTcpIdleTimeout(Config.millis(20))
            : policy.setMaxConnectionDuration(Config.millis(20)));
    single.apply(bytes());

    try (var client = new RawClient(front).send("x")) {
      assertThat(client.ended()).isTrue();
    }
  }

  @Test
  void failures_are_counted_for_all_loops() throws Exception {
    try (RawServer failing =
        new RawServer(
            (connection, _) -> {
              while (true) {
                RawServer.readHead(connection.getInputStream());
                heads.add("");
                RawServer.write(connection, "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
              }
            })) {
      start(
          waypoint,
          failing.address(),
          TrafficPolicy.newBuilder()
              .setOutlierDetection(
                  OutlierDetection.newBuilder()
                      .setConsecutive5Xx(2 * LOOPS)
                      .setMaxPercent(100)
                      .setInterval(Duration.newBuilder().setSeconds(10))
                      .setBaseEjection(Duration.newBuilder().setSeconds(300))));
      for (int i = 0; i < 8 * LOOPS; i++) {
        try (var client = get()) {
          assertThat(client.answer().status()).isGreaterThanOrEqualTo(500);
        }
      }
      assertThat(heads).hasSize(2 * LOOPS);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void no_more_tries_after_the_first_are_under_way_than_allowed(boolean budget) throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    try (RawServer failing =
        new RawServer(
            (connection, _) -> {
              while (true) {
                String head = RawServer.readHead(connection.getInputStream());
                heads.add(head);
                if (head.contains("slow") && heads.size() > 1) {
                  second.await();
                }
                RawServer.write(connection, "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
              }
            })) {
      TrafficPolicy.Builder policy = TrafficPolicy.newBuilder();
      start(
          waypoint,
          failing.address(),
          budget
              // of two requests under way one may be at a further try
              ? policy.setRetryBudget(RetryBudget.newBuilder().setPercent(50).setMinimum(1))
              : policy.setMaxRetries(1));
      waypoint.apply(
          Config.route(
              "r",
              "catalog",
              80,
              Config.rule()
                  .addBackends(Config.backend("catalog", 1))
                  .setRetry(
                      HttpRetry.newBuilder().setAttempts(1).addCodes(503).setSameEndpoint(true))
                  .build()));
      try (var slow = new RawClient(front).get("/slow")) {
        await().until(() -> heads.size() == 2);
        try (var other = new RawClient(front).get("/")) {
          assertThat(other.answer().status()).isEqualTo(503);
        }
        assertThat(heads).as("not tried again").hasSize(3);
        await().until(() -> waypoint.observer().requests().size() == 1);
        assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UO");
        second.countDown();
        assertThat(slow.answer().status()).isEqualTo(503);
      }
      try (var other = new RawClient(front).get("/")) {
        assertThat(other.answer().status()).isEqualTo(503);
      }
      assertThat(heads).as("tried again").hasSize(5);
    }
  }

  @Test
  void an_unused_connection_is_closed_when_its_time_is_over() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (RawServer watching =
        new RawServer(
            (connection, _) -> {
              RawServer.readHead(connection.getInputStream());
              RawServer.write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
              connection.getInputStream().readAllBytes();
              closed.countDown();
            })) {
      start(
          single, watching.address(), TrafficPolicy.newBuilder().setIdleTimeout(Config.millis(20)));
      try (var client = get()) {
        assertThat(client.answer().status()).isEqualTo(200);
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
      }
    }
  }
}
