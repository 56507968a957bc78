package dev.kiri.waypoint.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawHttp2;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The edges of HTTP/2 towards clients, frame by frame over real sockets, with an endpoint on
/// HTTP/1.1 behind: whatever could become something else there must not get through.
class Http2EdgesTest {
  private final EchoServer server = new EchoServer("v1");
  private final WaypointFixture waypoint = new WaypointFixture();
  private InetSocketAddress front = new InetSocketAddress(0);

  @BeforeEach
  void start() {
    waypoint.service("catalog", server.address()).apply(Config.declared("catalog", Protocol.HTTP));
    front = waypoint.front("catalog");
  }

  @AfterEach
  void stop() {
    waypoint.close();
    server.close();
  }

  private RawHttp2.Message ask(boolean end, String... fields) throws IOException {
    try (var client = new RawHttp2(front)) {
      return client.headers(1, end, fields).answer(1);
    }
  }

  @Test
  void a_request_is_answered_with_the_fields_of_a_waypoint() throws Exception {
    try (var client = new RawHttp2(front)) {
      RawHttp2.Message answer = client.get(1, "/hello?x=1").answer(1);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).startsWith("v1\nGET /hello?x=1").contains("x-request-id: ");
      assertThat(answer.header("server")).isEqualTo("istio-envoy");
      assertThat(answer.header("x-envoy-upstream-service-time")).matches("[0-9]+");
      assertThat(answer.header("date")).endsWith(" GMT");
      assertThat(answer.head().contains("connection")).isFalse();
      assertThat(answer.head().contains("transfer-encoding")).isFalse();
    }
  }

  @Test
  void cookies_in_several_fields_are_one_field_for_an_endpoint_on_http1() throws Exception {
    try (var client = new RawHttp2(front)) {
      String seen = client.get(1, "/", "cookie", "a=1", "x", "y", "cookie", "b=2").answer(1).body();

      assertThat(seen).contains("cookie: a=1; b=2");
    }
  }

  @Test
  void the_authority_counts_and_not_a_host_beside_it() throws Exception {
    try (var client = new RawHttp2(front)) {
      assertThat(client.get(1, "/", "host", "evil").answer(1).body())
          .contains("host: test")
          .doesNotContain("evil");
    }
    assertThat(
            ask(true, ":method", "GET", ":scheme", "http", ":path", "/", "host", "instead").body())
        .contains("host: instead");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ":method=GET,:scheme=http,:path=/,:authority=a b           | 400",
        ":method=GET,:scheme=http,:path=/                          | 400",
        ":method=GET,:scheme=http,:path=x,:authority=t             | 400",
        ":method=GET,:scheme=http,:path=http://u/,:authority=t     | 400",
        ":method=GET,:scheme=http,:path=/ HTTP/1.1,:authority=t    | 400",
        ":method=GET,:scheme=http,:path=/%00,:authority=t          | 400",
        ":method=G T,:scheme=http,:path=/,:authority=t             | 400",
        ":method=GET,:path=/,:authority=t                          | 400",
        ":method=GET,:protocol=websocket,:scheme=http,:path=/,:authority=t | 400",
        ":method=CONNECT,:authority=t:80                           | 403",
        ":method=CONNECT,:protocol=tls,:scheme=http,:path=/,:authority=t   | 403"
      })
  void a_head_that_is_none_is_answered_and_reaches_nobody(String fields, int status)
      throws Exception {
    List<String> pairs = new ArrayList<>();
    for (String field : fields.split(",")) {
      int equals = field.indexOf('=');
      pairs.add(field.substring(0, equals));
      pairs.add(field.substring(equals + 1));
    }

    RawHttp2.Message answer = ask(true, pairs.toArray(String[]::new));

    assertThat(answer.status()).isEqualTo(status);
    assertThat(server.requests()).isZero();
  }

  /// Netty's codec resets the stream, or ends the connection; both say PROTOCOL_ERROR.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X-Upper    | 1",
        "connection | close",
        "transfer-encoding | chunked",
        "keep-alive | 1",
        "te         | gzip",
        "x y        | 1",
        ":novel     | 1",
        ":path      | /b"
      })
  void a_field_that_http2_forbids_is_a_protocol_error(String name, String value) throws Exception {
    try (var client = new RawHttp2(front)) {
      RawHttp2.Message answer = client.get(1, "/", name, value).answer(1);

      assertThat(answer.status()).isIn(-1, 400);
      if (answer.status() < 0) {
        assertThat(answer.ended().isEmpty() ? client.end() : answer.ended()).matches("reset 1|1.*");
      }
    }
    assertThat(server.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nx-injected: 1", "a\nb", "a\0b", "a\u007fb"})
  void a_value_that_would_be_two_lines_on_http1_is_refused(String value) throws Exception {
    try (var client = new RawHttp2(front)) {
      RawHttp2.Message answer = client.get(1, "/", "x", value).answer(1);

      assertThat(answer.status()).isIn(-1, 400);
    }
    assertThat(server.requests()).isZero();
  }

  /// Such a request would smuggle a second one behind itself on HTTP/1.1.
  @ParameterizedTest
  @CsvSource({"3, abcGET", "9, abc", "'3, 4', abc", "-1, abc", "x, abc"})
  void a_length_that_is_not_the_bodys_never_becomes_an_answer(String length, String body)
      throws Exception {
    try (var client = new RawHttp2(front)) {
      client.headers(
          1,
          false,
          ":method",
          "POST",
          ":scheme",
          "http",
          ":path",
          "/",
          ":authority",
          "t",
          "content-length",
          length);
      RawHttp2.Message answer = client.data(1, true, body).answer(1);

      assertThat(answer.status()).isIn(-1, 400, 503);
      // What the codec refuses in the middle of a body is over for us as well.
      int begun = length.matches("[0-9]+") ? 1 : 0;
      await().until(() -> waypoint.observer().requests().size() == begun);
    }
  }

  @Test
  void trailers_of_a_request_end_it_and_are_not_fields_of_the_next() throws Exception {
    try (var client = new RawHttp2(front)) {
      client.headers(
          1, false, ":method", "POST", ":scheme", "http", ":path", "/", ":authority", "t");
      client.data(1, false, "abc").headers(1, true, "x-trailer", "1");

      assertThat(client.answer(1).body()).isEqualTo("abc");
      assertThat(client.get(3, "/").answer(3).body()).doesNotContain("x-trailer");
    }
  }

  @Test
  void more_fields_or_bytes_than_allowed_are_refused_and_the_rest_goes_on() throws Exception {
    String[] many = new String[202];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = "x-" + i;
      many[i + 1] = "1";
    }
    try (var client = new RawHttp2(front)) {
      assertThat(client.get(1, "/", many).answer(1).status()).isEqualTo(431);
      assertThat(client.get(3, "/").answer(3).status()).isEqualTo(200);
      String[] large = {"x", "a".repeat(15_000), "y", "b".repeat(15_000)};
      byte[] block = client.block(large);
      client.frame(
          RawHttp2.HEADERS, RawHttp2.END_STREAM, 5, java.util.Arrays.copyOf(block, 16_000));
      client.frame(
          RawHttp2.CONTINUATION, 0, 5, java.util.Arrays.copyOfRange(block, 16_000, block.length));
      for (int i = 0; i < 4; i++) {
        client.frame(RawHttp2.CONTINUATION, 0, 5, client.block("z" + i, "c".repeat(15_000)));
      }
      client.frame(RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, 5, new byte[0]);

      RawHttp2.Message answer = client.answer(5);
      assertThat(answer.ended().isEmpty() ? client.end() : answer.status() + answer.ended())
          .matches("431end|-1reset [0-9]+|[0-9]+.*");
      assertThat(answer.status()).isNotEqualTo(200);
    }
    assertThat(server.requests()).isEqualTo(1);
  }

  @Test
  void continuations_without_end_and_without_bytes_end_the_connection() throws Exception {
    try (var client = new RawHttp2(front)) {
      client.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, new byte[0]);
      try {
        for (int i = 0; i < 1000; i++) {
          client.frame(RawHttp2.CONTINUATION, 0, 1, new byte[0]);
        }
      } catch (IOException gone) {
        return;
      }

      assertThat(client.end()).isNotEqualTo("0");
    }
  }

  @Test
  void streams_reset_in_a_rush_end_the_connection_and_hurt_nobody_else() throws Exception {
    try (var rushed = new RawHttp2(front);
        var quiet = new RawHttp2(front)) {
      try {
        for (int stream = 1; stream < 2000; stream += 2) {
          rushed.get(stream, "/").reset(stream, 8);
        }
      } catch (IOException gone) {
        assertThat(gone).isNotNull();
      }
      assertThat(rushed.end()).startsWith("11");
      assertThat(quiet.get(1, "/").answer(1).status()).isEqualTo(200);
    }
    await().until(() -> waypoint.observer().requests().size() >= 100);
  }

  @Test
  void more_streams_at_a_time_than_announced_are_refused_one_by_one() throws Exception {
    try (RawServer silent =
            new RawServer(
                (connection, _) -> connection.getInputStream().transferTo(RawServer.NOWHERE));
        var client = new RawHttp2(front)) {
      waypoint.service("catalog", silent.address());
      client.settings();
      for (int i = 0; i < 101; i++) {
        client.get(2 * i + 1, "/");
      }

      assertThat(client.answer(201).ended()).isEqualTo("reset 7");
    }
  }

  @Test
  void a_client_that_is_gone_in_the_middle_takes_its_requests_along() throws Exception {
    try (var client = new RawHttp2(front)) {
      client.headers(
          1, false, ":method", "POST", ":scheme", "http", ":path", "/", ":authority", "t");
      client.data(1, false, "half");
      await().until(() -> server.requests() == 1);
    }

    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("DC");
  }
}
