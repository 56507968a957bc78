package dev.kiri.waypoint.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawHttp2;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Endpoints that close early, reset, or send what is no answer: each costs its request only, and
/// the log says what was wrong (waypoint reference 22).
class BadEndpointsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final WaypointFixture waypoint = new WaypointFixture();

  @AfterEach
  void stop() {
    waypoint.close();
  }

  private RequestReport report() {
    await().until(() -> waypoint.observer().requests().size() == 1);
    return waypoint.observer().requests().getFirst();
  }

  /// What an endpoint does in place of an answer.
  enum Http1 {
    CLOSES_AT_ONCE(503, "UC", ""),
    RESETS(503, "UC", "RST"),
    CLOSES_WITHIN_A_HEAD(503, "UC", "HTTP/1.1 200 OK\r\nContent-Le"),
    SENDS_TOO_MANY_FIELDS(502, "UPE", "HTTP/1.1 200 OK\r\n" + "X: 1\r\n".repeat(101) + "\r\n"),
    SENDS_A_LARGE_FIELD(502, "UPE", "HTTP/1.1 200 OK\r\nX: " + "a".repeat(62_000) + "\r\n\r\n"),
    SWITCHES_UNASKED(502, "UPE", "HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    SENDS_NO_STATUS(502, "UPE", "HTTP/1.1 99 Low\r\n\r\n"),
    SENDS_ANOTHER_VERSION(502, "UPE", "HTTP/2.0 200 OK\r\n\r\n"),
    SENDS_A_CONTROL_CHARACTER(502, "UPE", "HTTP/1.1 200 OK\r\nX: a\u0001\r\n\r\n"),
    SENDS_FOLDED_LINES(502, "UPE", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"),
    SENDS_TWO_CODINGS(502, "UPE", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");

    private final int status;
    private final String flag;
    private final String text;

    Http1(int status, String flag, String text) {
      this.status = status;
      this.flag = flag;
      this.text = text;
    }

    private void run(Socket connection) throws IOException {
      RawServer.readHead(connection.getInputStream());
      if (text.equals("RST")) {
        connection.setSoLinger(true, 0);
      } else {
        RawServer.write(connection, text);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void an_endpoint_on_http1(Http1 bad) throws Exception {
    try (var server = new RawServer((connection, _) -> bad.run(connection))) {
      waypoint.service("catalog", server.address());
      try (var client = new RawClient(waypoint.front("catalog"))) {
        assertThat(client.get("/").answer().status()).isEqualTo(bad.status);
      }
    }
    assertThat(report().flags()).isEqualTo(bad.flag);
  }

  @Test
  void a_body_that_breaks_off_breaks_the_answer_and_is_never_a_short_one() throws Exception {
    try (var server =
        new RawServer(
            (connection, _) -> {
              RawServer.readHead(connection.getInputStream());
              RawServer.write(
                  connection,
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz");
            })) {
      waypoint.service("catalog", server.address());
      try (var client = new RawClient(waypoint.front("catalog"))) {
        client.get("/");
        RawServer.readHead(client.socket().getInputStream());
        String rest =
            new String(
                client.socket().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(rest).doesNotContain("0\r\n\r\n");
      } catch (IOException reset) {
        assertThat(reset).isNotNull();
      }
    }
    assertThat(report().flags()).isEqualTo("UPE");
  }

  /// It would be taken for the answer to somebody else's request.
  @Test
  void an_answer_that_nobody_asked_for_reaches_nobody() throws Exception {
    try (var server =
        new RawServer(
            (connection, number) -> {
              RawServer.readHead(connection.getInputStream());
              String mine = OK.replace("ok", "" + number % 10 + "!");
              RawServer.write(connection, mine + (number == 0 ? mine : ""));
              RawServer.readHead(connection.getInputStream());
              RawServer.write(connection, mine);
            })) {
      waypoint.service("catalog", server.address());
      var front = waypoint.front("catalog");
      try (var one = new RawClient(front);
          var two = new RawClient(front)) {
        assertThat(one.get("/").answer().body()).isEqualTo("0!");
        assertThat(two.get("/").answer().body()).isEqualTo("1!");
      }
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  enum Http2 {
    SENDS_ANOTHER_PROTOCOL,
    GOES_AWAY_AT_ONCE,
    RESETS_EVERY_STREAM,
    SENDS_TOO_MANY_FIELDS,
    SENDS_A_BODY_WITHOUT_A_HEAD,
    SENDS_NO_STATUS,
    SENDS_LESS_THAN_IT_SAID,
    ENDS_WITH_AN_INTERIM_ANSWER,
    CLOSES_AT_ONCE;

    private void run(Socket connection) throws IOException {
      if (this == SENDS_ANOTHER_PROTOCOL) {
        RawServer.write(connection, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      RawHttp2 server = new RawHttp2(connection, new byte[0]);
      server.head(3);
      switch (this) {
        case GOES_AWAY_AT_ONCE -> server.frame(RawHttp2.GO_AWAY, 0, 0, new byte[8]);
        case RESETS_EVERY_STREAM -> server.reset(3, 2);
        case SENDS_TOO_MANY_FIELDS -> {
          String[] fields = new String[204];
          fields[0] = ":status";
          fields[1] = "200";
          for (int i = 2; i < fields.length; i++) {
            fields[i] = "x" + i;
          }
          server.headers(3, true, fields);
        }
        case SENDS_A_BODY_WITHOUT_A_HEAD -> server.data(3, true, "abc");
        case SENDS_NO_STATUS -> server.headers(3, true, "server", "x");
        case SENDS_LESS_THAN_IT_SAID ->
            server.headers(3, false, ":status", "200", "content-length", "5").data(3, true, "abc");
        case ENDS_WITH_AN_INTERIM_ANSWER -> server.headers(3, true, ":status", "103");
        case CLOSES_AT_ONCE, SENDS_ANOTHER_PROTOCOL -> connection.close();
      }
      connection.getInputStream().transferTo(RawServer.NOWHERE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void an_endpoint_on_http2(Http2 bad) throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (var server =
        new RawServer(
            (connection, _) -> {
              connections.incrementAndGet();
              bad.run(connection);
            })) {
      waypoint
          .service("catalog", server.address())
          .apply(Config.declared("catalog", Protocol.HTTP2));
      try (var client = new RawClient(waypoint.front("catalog"))) {
        int status = client.get("/").answer().status();
        if (bad != Http2.SENDS_LESS_THAN_IT_SAID) {
          assertThat(status).isIn(502, 503);
        }
      } catch (IOException broken) {
        assertThat(bad).isEqualTo(Http2.SENDS_LESS_THAN_IT_SAID);
      }
    }
    assertThat(report().flags()).isNotEqualTo("-");
    assertThat(connections.get()).isLessThanOrEqualTo(3);
  }
}
