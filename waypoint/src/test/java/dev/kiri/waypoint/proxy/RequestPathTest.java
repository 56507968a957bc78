package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.Config.backend;
import static dev.kiri.waypoint.testing.Config.header;
import static dev.kiri.waypoint.testing.Config.prefix;
import static dev.kiri.waypoint.testing.Config.rule;
import static dev.kiri.waypoint.testing.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.HttpTimeouts;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.Shop;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Requests over real sockets, from a client's first byte to its last.
class RequestPathTest {
  private final Shop shop = new Shop();
  private final EchoServer v1 = shop.v1();
  private final EchoServer v2 = shop.v2();
  private final WaypointFixture waypoint = shop.waypoint();
  private final InetSocketAddress front = shop.front();

  @AfterEach
  void stop() {
    shop.close();
  }

  @Test
  void a_request_without_a_route_reaches_the_services_own_endpoint() throws Exception {
    try (var client = new RawClient(front)) {
      var answer = client.get("/hello?x=1").answer();

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).startsWith("v1\nGET /hello?x=1");
      assertThat(answer.body()).contains("x-request-id: ").contains("x-forwarded-proto: http");
      assertThat(answer.header("server")).isEqualTo("istio-envoy");
      assertThat(answer.header("x-envoy-upstream-service-time")).isNotEmpty();
    }
  }

  @Test
  void many_requests_share_a_connection_on_both_sides() throws Exception {
    try (var client = new RawClient(front)) {
      for (int i = 0; i < 200; i++) {
        assertThat(client.get("/" + i).answer().body()).startsWith("v1\nGET /" + i);
      }
    }
    assertThat(v1.requests()).isEqualTo(200);
  }

  @Test
  void pipelined_requests_are_answered_in_their_order() throws Exception {
    try (var client = new RawClient(front)) {
      client.get("/a").get("/b").get("/c");

      assertThat(client.answer().body()).contains("GET /a");
      assertThat(client.answer().body()).contains("GET /b");
      assertThat(client.answer().body()).contains("GET /c");
    }
  }

  @Test
  void weights_share_the_requests() throws Exception {
    waypoint.apply(
        Config.route(
            "split",
            "catalog",
            80,
            rule().addBackends(backend("catalog", 90)).addBackends(backend("other", 10)).build()));

    Map<String, Integer> served = new HashMap<>();
    try (var client = new RawClient(front)) {
      for (int i = 0; i < 300; i++) {
        served.merge(client.get("/").answer().header("x-served-by"), 1, Integer::sum);
      }
    }

    assertThat(served.get("v1")).isCloseTo(270, within(6));
    assertThat(served.get("v2")).isCloseTo(30, within(6));
  }

  @Test
  void a_header_chooses_the_route() throws Exception {
    waypoint.apply(
        Config.route(
            "header",
            "catalog",
            80,
            rule(header("x-version", "v2")).addBackends(backend("other", 1)).build(),
            rule(prefix("/")).addBackends(backend("catalog", 1)).build()));

    try (var client = new RawClient(front)) {
      assertThat(client.get("/", "x-version: v2").answer().body()).startsWith("v2");
      assertThat(client.get("/").answer().body()).startsWith("v1");
    }
  }

  @Test
  void what_no_rule_matches_is_answered_404_without_a_body() throws Exception {
    waypoint.apply(
        Config.route(
            "only", "catalog", 80, rule(prefix("/a")).addBackends(backend("catalog", 1)).build()));

    try (var client = new RawClient(front)) {
      var answer = client.get("/b").answer();

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).isEmpty();
      assertThat(client.get("/a").answer().status()).isEqualTo(200);
    }
    await().until(() -> waypoint.observer().requests().size() == 2);
    var first = waypoint.observer().requests().getFirst();
    assertThat(first.flags()).isEqualTo("NR");
    assertThat(first.details()).isEqualTo("route_not_found");
  }

  @Test
  void a_denied_request_gets_403_and_its_report_names_the_rule() throws Exception {
    waypoint.apply(
        Config.policy(
            "read-only",
            AuthorizationPolicy.newBuilder()
                .setAction(AuthorizationPolicy.Action.ALLOW)
                .addRules(
                    PolicyRule.newBuilder().addTo(PolicyOperation.newBuilder().addMethods("GET")))),
        Config.policy(
            "no-secrets",
            AuthorizationPolicy.newBuilder()
                .setAction(AuthorizationPolicy.Action.DENY)
                .addRules(
                    PolicyRule.newBuilder()
                        .addTo(PolicyOperation.newBuilder().addPaths("/secret*")))));

    try (var client = new RawClient(front)) {
      assertThat(client.get("/").answer().status()).isEqualTo(200);
      client.send(lines("POST / HTTP/1.1", "Host: t", "Content-Length: 3", "", "abc"));
      var denied = client.answer();
      assertThat(denied.status()).isEqualTo(403);
      assertThat(denied.body()).isEqualTo("RBAC: access denied");
      assertThat(client.get("/x/../%73ecret/1").answer().status()).isEqualTo(403);
    }
    await().until(() -> waypoint.observer().requests().size() == 3);
    assertThat(waypoint.observer().requests())
        .extracting(RequestReport::details)
        .containsExactly(
            "via_upstream",
            "rbac_access_denied_matched_policy[none]",
            "rbac_access_denied_matched_policy[ns[shop]-policy[no-secrets]-rule[0]]");
  }

  @Test
  void bodies_stream_in_both_directions_with_either_framing() throws Exception {
    String body = "0123456789".repeat(50_000);
    try (var client = new RawClient(front)) {
      Thread.ofVirtual()
          .start(
              () ->
                  sendQuietly(
                      client,
                      "POST /c HTTP/1.1\r\nHost: t\r\nContent-Length: "
                          + body.length()
                          + "\r\n\r\n"
                          + body));
      assertThat(client.answer().body()).isEqualTo(body);
      Thread.ofVirtual()
          .start(
              () ->
                  sendQuietly(
                      client,
                      lines(
                          "POST /k HTTP/1.1",
                          "Host: t",
                          "Transfer-Encoding: chunked",
                          "",
                          "5;ext=1",
                          "hello",
                          "6",
                          " world",
                          "0",
                          "X-T: 1",
                          "",
                          "")));
      assertThat(client.answer().body()).isEqualTo("hello world");
    }
  }

  private static void sendQuietly(RawClient client, String text) {
    try {
      client.send(text);
    } catch (java.io.IOException gone) {
      throw new java.io.UncheckedIOException(gone);
    }
  }

  @Test
  void a_stalled_reader_stops_the_endpoint_and_loses_nothing() throws Exception {
    int size = 64 << 20;
    var written = new java.util.concurrent.atomic.AtomicLong();
    try (var server =
            new RawServer(
                (socket, _) -> {
                  RawServer.readHead(socket.getInputStream());
                  RawServer.write(
                      socket, "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                  byte[] block = new byte[64 * 1024];
                  for (int i = 0; i < size / block.length; i++) {
                    socket.getOutputStream().write(block);
                    written.addAndGet(block.length);
                  }
                });
        var client = client(server)) {
      client.get("/");
      await().until(() -> settled(written));
      assertThat(written.get()).isLessThan(16 << 20);

      assertThat(client.answer().body()).hasSize(size);
    }
  }

  private RawClient client(RawServer server) throws java.io.IOException {
    waypoint.service("catalog", server.address());
    return new RawClient(front);
  }

  private static boolean settled(java.util.concurrent.atomic.AtomicLong value)
      throws InterruptedException {
    long before = value.get();
    java.util.concurrent.TimeUnit.MILLISECONDS.sleep(300);
    return before > 0 && value.get() == before;
  }

  @Test
  void head_and_expect_continue_work_as_applications_expect() throws Exception {
    try (var client = new RawClient(front)) {
      client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
      assertThat(client.answer(true).status()).isEqualTo(200);
      client.send(
          lines("POST / HTTP/1.1", "Host: t", "Expect: 100-continue", "Content-Length: 2", "", ""));
      assertThat(client.answer().status()).isEqualTo(100);
      client.send("ok");
      assertThat(client.answer().body()).isEqualTo("ok");
    }
  }

  @Test
  void an_endpoint_that_cannot_be_reached_is_answered_503_with_the_reason() throws Exception {
    InetSocketAddress dead = v2.address();
    v2.close();
    waypoint.service("catalog", dead);

    try (var client = new RawClient(front)) {
      var answer = client.get("/").answer();

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body())
          .startsWith(
              "upstream connect error or disconnect/reset before headers. reset reason: remote"
                  + " connection failure");
    }
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UF,URX");
  }

  @Test
  void a_second_endpoint_takes_over_when_the_first_cannot_be_reached() throws Exception {
    InetSocketAddress dead = v2.address();
    v2.close();
    waypoint.service("catalog", dead, v1.address());

    try (var client = new RawClient(front)) {
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void an_endpoint_that_resets_mid_answer_breaks_the_answer() throws Exception {
    try (var server =
            new RawServer(
                (socket, _) -> {
                  RawServer.readHead(socket.getInputStream());
                  RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                });
        var client = client(server)) {
      client.get("/");

      org.assertj.core.api.Assertions.assertThatThrownBy(client::answer)
          .isInstanceOf(java.io.IOException.class);
    }
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UC");
  }

  @Test
  void a_stale_pooled_connection_costs_no_request() throws Exception {
    try (var server =
            new RawServer(
                (socket, _) -> {
                  RawServer.readHead(socket.getInputStream());
                  RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                  RawServer.readHead(socket.getInputStream());
                });
        var client = client(server)) {
      for (int i = 0; i < 10; i++) {
        assertThat(client.get("/").answer().body()).isEqualTo("ok");
      }
      assertThat(server.connections()).isEqualTo(10);
    }
  }

  @Test
  void no_healthy_endpoint_is_503_and_says_so() throws Exception {
    waypoint.service("catalog");

    try (var client = new RawClient(front)) {
      var answer = client.get("/").answer();

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("no healthy upstream");
    }
  }

  @Test
  void a_request_timeout_is_504() throws Exception {
    waypoint.apply(
        Config.route(
            "slow",
            "catalog",
            80,
            rule(prefix("/"))
                .addBackends(backend("catalog", 1))
                .setTimeouts(HttpTimeouts.newBuilder().setRequest(Config.millis(200)))
                .build()));
    try (var server =
            new RawServer(
                (socket, _) -> {
                  RawServer.readHead(socket.getInputStream());
                  socket.getInputStream().read();
                });
        var client = client(server)) {
      var answer = client.get("/").answer();

      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.body()).isEqualTo("upstream request timeout");
    }
  }

  @Test
  void a_websocket_passes_bytes_behind_the_upgrade() throws Exception {
    try (var server =
            new RawServer(
                (socket, _) -> {
                  String head = RawServer.readHead(socket.getInputStream());
                  assertThat(head)
                      .containsIgnoringCase("upgrade: websocket")
                      .contains("connection: upgrade");
                  RawServer.write(
                      socket,
                      lines(
                          "HTTP/1.1 101 Switching Protocols",
                          "Connection: Upgrade",
                          "Upgrade: websocket",
                          "",
                          "hi!"));
                  socket.getInputStream().transferTo(socket.getOutputStream());
                });
        var client = client(server)) {
      client.send(
          lines(
              "GET /ws HTTP/1.1", "Host: t", "Connection: Upgrade", "Upgrade: websocket", "", ""));
      var answer = client.answer();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.header("upgrade")).isEqualTo("websocket");

      client.send("ping");
      assertThat(
              new String(
                  client.socket().getInputStream().readNBytes(7),
                  java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("hi!ping");
      client.socket().shutdownOutput();
      assertThat(client.ended()).isTrue();
    }
  }

  @Test
  void other_upgrades_and_connect_are_refused() throws Exception {
    try (var client = new RawClient(front)) {
      client.send(
          lines("GET / HTTP/1.1", "Host: t", "Connection: Upgrade", "Upgrade: tls", "", ""));
      assertThat(client.answer().status()).isEqualTo(403);
    }
    try (var client = new RawClient(front)) {
      client.send("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(403);
    }
  }

  @Test
  void a_change_of_weights_shows_at_the_next_request() throws Exception {
    waypoint.apply(
        Config.route("live", "catalog", 80, rule().addBackends(backend("catalog", 1)).build()));
    try (var client = new RawClient(front)) {
      assertThat(client.get("/").answer().body()).startsWith("v1");
      waypoint.apply(
          Config.route("live", "catalog", 80, rule().addBackends(backend("other", 1)).build()));
      assertThat(client.get("/").answer().body()).startsWith("v2");
    }
  }

  @Test
  void a_protocol_in_which_the_server_speaks_first_passes() throws Exception {
    try (var server =
            new RawServer(
                (socket, _) -> {
                  RawServer.write(socket, "220 ready\r\n\r\n");
                  socket.getInputStream().transferTo(socket.getOutputStream());
                });
        var client = client(server)) {
      assertThat(RawServer.readHead(client.socket().getInputStream())).startsWith("220 ready");
      client.send("QUIT\r\n\r\n");
      assertThat(RawServer.readHead(client.socket().getInputStream())).startsWith("QUIT");
      client.socket().shutdownOutput();
      assertThat(client.ended()).isTrue();
    }
    await().until(() -> waypoint.observer().connections().size() == 1);
  }

  @Test
  void a_drained_waypoint_answers_what_it_has_and_closes() throws Exception {
    try (var client = new RawClient(front)) {
      assertThat(client.get("/").answer().status()).isEqualTo(200);
      waypoint.tunnels().drain();
      assertThat(client.ended()).isTrue();
    }
  }
}
