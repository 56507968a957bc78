package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The edges of HTTP as upstream's waypoint has them (waypoint reference 6 and 22.3), over real
/// sockets.
class HttpEdgesTest {
  private final EchoServer server = new EchoServer("v1");
  private final WaypointFixture waypoint = new WaypointFixture();
  private InetSocketAddress front = new InetSocketAddress(0);

  @BeforeEach
  void start() {
    waypoint.service("catalog", server.address());
    front = waypoint.front("catalog");
  }

  @AfterEach
  void stop() {
    waypoint.close();
    server.close();
  }

  private RawClient.Answer ask(String... request) throws IOException {
    try (var client = new RawClient(front)) {
      return client.send(lines(request)).answer();
    }
  }

  private RequestReport report() {
    await().until(() -> waypoint.observer().requests().size() == 1);
    return waypoint.observer().requests().getFirst();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET / HTTP/1.0    | Host: t                    | 426 | low_version",
        "GET / HTTP/1.1    | X: no-host                 | 400 | missing_host_header",
        "CONNECT t:80 HTTP/1.1 | Host: t                | 403 | upgrade_failed",
        "GET / HTTP/1.1    | Host: t#Connection: upgrade#Upgrade: h2c-not | 403 | upgrade_failed",
        "GET /%00 HTTP/1.1 | Host: t                    | 400 | path_normalization_failed"
      })
  void what_is_refused_has_upstreams_status_and_details_and_no_body(
      String line, String fields, int status, String details) throws Exception {
    RawClient.Answer answer = ask(line, String.join("\r\n", fields.split("#")), "", "");

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body()).isEmpty();
    assertThat(report().details()).isEqualTo(details);
    assertThat(server.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: +3",
        "Content-Length: -1",
        "Content-Length: 3, 4",
        "Content-Length: 0x3",
        "Content-Length : 3",
        " Content-Length: 3",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "X: a\rb",
        "X\u0000: a",
        "X\u00e9: a",
        ": a"
      })
  void framing_that_two_readers_could_take_differently_is_refused(String field) throws Exception {
    try (var client = new RawClient(front)) {
      client.send(lines("POST / HTTP/1.1", "Host: t", field, "", "abc"));

      assertThat(client.answer().status()).isEqualTo(400);
      assertThat(client.ended()).isTrue();
    }
    assertThat(server.requests()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "/a/../b,          /b",
    "/a/./b,           /a/b",
    "/%41,             /A",
    "/a%2Fb,           /a%2Fb",
    "/a\\b,            /a/b",
    "/a?x=/../y,       /a?x=/../y",
    "http://t/p?q=1,   /p?q=1"
  })
  void a_target_reaches_the_endpoint_in_one_form(String target, String seen) throws Exception {
    assertThat(ask("GET " + target + " HTTP/1.1", "Host: t", "", "").body())
        .contains("GET " + seen + "\n");
  }

  @Test
  void fields_of_one_connection_and_what_it_names_go_no_further() throws Exception {
    String seen =
        ask(
                "GET / HTTP/1.1",
                "Host: t",
                "Connection: keep-alive, x-hop",
                "X-Hop: secret",
                "Keep-Alive: timeout=5",
                "Proxy-Connection: keep-alive",
                "TE: gzip",
                "X-End: kept",
                "",
                "")
            .body();

    assertThat(seen)
        .contains("x-end: kept")
        .doesNotContain("x-hop", "keep-alive", "proxy-connection", "\nte:");
  }

  @Test
  void what_only_a_proxy_may_say_is_removed_and_what_a_client_may_say_is_kept() throws Exception {
    String seen =
        ask(
                "GET / HTTP/1.1",
                "Host: t",
                "X-Envoy-Retry-On: 5xx",
                "X-Envoy-Upstream-Rq-Timeout-Ms: 1",
                "X-Envoy-Internal: true",
                "X-Envoy-Expected-Rq-Timeout-Ms: 1",
                "X-Forwarded-Client-Cert: By=x",
                "X-Forwarded-For: 192.0.2.1",
                "X-Forwarded-Proto: https",
                "X-Request-Id: mine",
                "Traceparent: 00-1-2-01",
                "",
                "")
            .body();

    assertThat(seen)
        .doesNotContain("x-envoy-", "x-forwarded-client-cert")
        .contains("x-forwarded-for: 192.0.2.1")
        .contains("x-forwarded-proto: https")
        .contains("x-request-id: mine")
        .contains("traceparent: 00-1-2-01");
  }

  @Test
  void a_request_gets_an_id_and_an_answer_its_time_and_server() throws Exception {
    RawClient.Answer answer = ask("GET / HTTP/1.1", "Host: t", "", "");

    assertThat(answer.body())
        .containsPattern(
            "x-request-id: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        .contains("x-forwarded-proto: http");
    assertThat(answer.header("server")).isEqualTo("istio-envoy");
    assertThat(answer.header("x-envoy-upstream-service-time")).matches("[0-9]+");
    assertThat(answer.header("x-request-id")).isEmpty();
  }

  @Test
  void a_client_that_has_spoken_its_last_still_hears_the_answer() throws Exception {
    try (var client = new RawClient(front)) {
      client.send(lines("POST / HTTP/1.1", "Host: t", "Content-Length: 3", "", "abc"));
      client.socket().shutdownOutput();

      assertThat(client.answer().body()).isEqualTo("abc");
    }
  }

  @Test
  void an_interim_answer_is_passed_on_before_the_final_one() throws Exception {
    try (RawServer early =
        new RawServer(
            (connection, _) -> {
              RawServer.readHead(connection.getInputStream());
              RawServer.write(
                  connection,
                  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                      + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            })) {
      waypoint.service("catalog", early.address());
      try (var client = new RawClient(front)) {
        client.get("/");
        RawClient.Answer hints = client.answer();
        assertThat(hints.status()).isEqualTo(103);
        assertThat(hints.header("link")).isEqualTo("</a>");
        assertThat(client.answer().body()).isEqualTo("ok");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 200 OK#Content-Length: 1#Content-Length: 2##ab | 502",
        "HTTP/1.1 200 OK#Transfer-Encoding: chunked#Content-Length: 2##0## | 502",
        "HTTP/1.1 abc OK## | 502",
        "garbage## | 502",
        "'' | 503"
      })
  void an_endpoint_that_speaks_no_http_is_answered_for(String text, int status) throws Exception {
    try (RawServer broken =
        new RawServer(
            (connection, _) -> {
              RawServer.readHead(connection.getInputStream());
              RawServer.write(connection, text.replace("#", "\r\n"));
            })) {
      waypoint.service("catalog", broken.address());

      assertThat(ask("POST / HTTP/1.1", "Host: t", "Content-Length: 0", "", "").status())
          .isEqualTo(status);
    }
  }

  @Test
  void more_than_a_hundred_fields_are_431() throws Exception {
    var request = new StringBuilder("GET / HTTP/1.1\r\nHost: t\r\n");
    for (int i = 0; i < 101; i++) {
      request.append("X-").append(i).append(": 1\r\n");
    }

    assertThat(ask(request + "\r\n").status()).isEqualTo(431);
    assertThat(server.requests()).isZero();
  }

  @Test
  void a_chunk_extension_without_an_end_is_not_kept() throws Exception {
    try (var client = new RawClient(front)) {
      client.send(lines("POST / HTTP/1.1", "Host: t", "Transfer-Encoding: chunked", "", "1;x="));
      client.send("y".repeat(128 * 1024));

      assertThat(client.ended()).isTrue();
    }
  }

  @Test
  void a_head_that_does_not_come_to_its_end_is_408_after_a_minute() throws Exception {
    try (var slow = new RawClient(front);
        var idle = new RawClient(front)) {
      assertThat(idle.get("/").answer().status()).isEqualTo(200);
      slow.get("/").answer();
      slow.send("GET / HTTP/1.1\r\nHost: t\r\nX: a");
      await().until(() -> waypoint.observer().requests().size() == 2);
      // An answer behind it says that the bytes before were read.
      for (int i = 0; i < 7; i++) {
        waypoint.tunnels().sweep();
        assertThat(idle.get("/").answer().status()).isEqualTo(200);
        slow.send("b");
      }

      RawClient.Answer answer = slow.answer();
      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.body()).isEqualTo("request header timeout");
      assertThat(slow.ended()).isTrue();
    }
  }

  @Test
  void a_body_may_take_its_time_and_an_idle_connection_an_hour() throws Exception {
    try (var slow = new RawClient(front);
        var idle = new RawClient(front)) {
      idle.get("/").answer();
      slow.send(lines("POST / HTTP/1.1", "Host: t", "Content-Length: 400", "", ""));
      for (int i = 0; i < 360; i++) {
        slow.send("a");
        waypoint.tunnels().sweep();
      }
      slow.send("a".repeat(40));
      assertThat(slow.answer().status()).isEqualTo(200);

      waypoint.tunnels().sweep();
      assertThat(idle.ended()).isTrue();
    }
  }

  @Test
  void interim_answers_without_end_are_a_protocol_error() throws Exception {
    try (RawServer chatty =
        new RawServer(
            (connection, _) -> {
              RawServer.readHead(connection.getInputStream());
              for (int i = 0; i < 1000; i++) {
                RawServer.write(connection, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
              }
            })) {
      waypoint.service("catalog", chatty.address());
      try (var client = new RawClient(front)) {
        client.get("/");
        int interims = 0;
        RawClient.Answer answer = client.answer();
        while (answer.status() == 103) {
          interims++;
          answer = client.answer();
        }
        assertThat(interims).isEqualTo(16);
        assertThat(answer.status()).isEqualTo(502);
      }
    }
    assertThat(report().flags()).isEqualTo("UPE");
  }

  @ParameterizedTest
  @CsvSource({
    "trailers,           trailers",
    "'gzip, trailers',   trailers",
    "'trailers;q=0.5',   ''",
    "gzip,               ''"
  })
  void of_te_only_trailers_goes_on(String sent, String seen) throws Exception {
    String body = ask("GET / HTTP/1.1", "Host: t", "TE: " + sent, "", "").body();

    if (seen.isEmpty()) {
      assertThat(body).doesNotContain("\nte:");
    } else {
      assertThat(body).contains("\nte: " + seen + "\n");
    }
  }
}
