package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawHttp2;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// WebSockets from clients and to endpoints of either version: an upgrade on HTTP/1.1 (RFC 6455),
/// an extended CONNECT on HTTP/2 (RFC 8441). Key and acceptance are the example of RFC 6455 1.3.
class WebSocketPathTest {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  private static final byte[] ALLOWS_CONNECT = {0, 8, 0, 0, 0, 1};

  /// Netty leaves stream 1 to a client that upgrades.
  private static final int FIRST = 3;

  private final WaypointFixture waypoint = new WaypointFixture();
  private final CompletableFuture<String> seen = new CompletableFuture<>();

  @AfterEach
  void stop() {
    waypoint.close();
  }

  /// Echoes behind its upgrade.
  private RawServer http1() {
    return new RawServer(
        (socket, _) -> {
          seen.complete(RawServer.readHead(socket.getInputStream()));
          RawServer.write(
              socket,
              lines(
                  "HTTP/1.1 101 Switching Protocols",
                  "Connection: Upgrade",
                  "Upgrade: websocket",
                  "Sec-WebSocket-Accept: " + ACCEPT,
                  "",
                  ""));
          socket.getInputStream().transferTo(socket.getOutputStream());
        });
  }

  /// Agrees to what the first request asks for and echoes one message.
  private RawServer http2() {
    return new RawServer(
        (socket, _) -> {
          RawHttp2 server = new RawHttp2(socket, ALLOWS_CONNECT);
          RawHttp2.Message asked = server.head(FIRST);
          seen.complete(asked.head().toString());
          server.headers(FIRST, false, ":status", "200", "sec-websocket-protocol", "chat");
          server.data(FIRST, false, server.body(FIRST, 4));
          server.answer(FIRST);
          server.data(FIRST, true, "");
          socket.getInputStream().transferTo(RawServer.NOWHERE);
        });
  }

  private String seen() throws Exception {
    return seen.get(10, TimeUnit.SECONDS);
  }

  private static RawHttp2 connect(RawHttp2 client) throws Exception {
    client.settings();
    return client.headers(
        1,
        false,
        ":method",
        "CONNECT",
        ":protocol",
        "websocket",
        ":scheme",
        "http",
        ":path",
        "/chat",
        ":authority",
        "test",
        "sec-websocket-version",
        "13");
  }

  @Test
  void from_http2_to_http1() throws Exception {
    try (RawServer server = http1()) {
      waypoint.service("chat", server.address()).apply(Config.declared("chat", Protocol.HTTP));
      try (var client = connect(new RawHttp2(waypoint.front("chat")))) {
        RawHttp2.Message answer = client.head(1);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.head().contains("upgrade")).isFalse();
        assertThat(answer.head().contains("sec-websocket-accept")).isFalse();
        assertThat(client.data(1, false, "ping").body(1, 4)).isEqualTo("ping");
        assertThat(client.data(1, true, "last").answer(1).body()).isEqualTo("pinglast");
      }
    }
    assertThat(seen())
        .startsWith("GET /chat HTTP/1.1")
        .contains("upgrade: websocket", "connection: upgrade", "sec-websocket-version: 13")
        .containsPattern("sec-websocket-key: [A-Za-z0-9+/]{22}==");
  }

  @Test
  void from_http1_to_http2() throws Exception {
    try (RawServer server = http2()) {
      waypoint.service("chat", server.address()).apply(Config.declared("chat", Protocol.HTTP2));
      try (var client = new RawClient(waypoint.front("chat"))) {
        client.get(
            "/chat", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: " + KEY);
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.header("upgrade")).isEqualTo("websocket");
        assertThat(answer.header("sec-websocket-accept")).isEqualTo(ACCEPT);
        assertThat(answer.header("sec-websocket-protocol")).isEqualTo("chat");
        client.send("ping");
        byte[] echoed = client.socket().getInputStream().readNBytes(4);
        assertThat(new String(echoed, StandardCharsets.US_ASCII)).isEqualTo("ping");
        client.socket().shutdownOutput();
        assertThat(client.ended()).isTrue();
      }
    }
    assertThat(seen())
        .contains(":method: CONNECT", ":protocol: websocket", ":path: /chat")
        .doesNotContain("upgrade:", "sec-websocket-key");
  }

  @Test
  void from_http2_to_http2() throws Exception {
    try (RawServer server = http2()) {
      waypoint.service("chat", server.address()).apply(Config.declared("chat", Protocol.HTTP2));
      try (var client = connect(new RawHttp2(waypoint.front("chat")))) {
        assertThat(client.head(1).status()).isEqualTo(200);
        assertThat(client.data(1, true, "ping").answer(1).body()).isEqualTo("ping");
        assertThat(client.answer(1).ended()).isEqualTo("end");
      }
    }
    assertThat(seen()).contains(":method: CONNECT", ":protocol: websocket");
  }

  @Test
  void an_endpoint_that_does_not_switch_is_heard_as_it_is() throws Exception {
    try (RawServer server =
        new RawServer(
            (socket, _) -> {
              RawServer.readHead(socket.getInputStream());
              RawServer.write(socket, "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
              socket.getInputStream().read();
            })) {
      waypoint.service("chat", server.address()).apply(Config.declared("chat", Protocol.HTTP));
      try (var client = connect(new RawHttp2(waypoint.front("chat")))) {
        assertThat(client.answer(1).status()).isEqualTo(401);
        assertThat(client.answer(1).body()).isEqualTo("no");
      }
    }
  }
}
