package dev.kiri.local.echo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.api.Json;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What `kiri.dev/echo` says to whom.
class EchoProtocolsTest {
  private final EchoIdentity who =
      new EchoIdentity(
          "web-1",
          "shop",
          "node-1",
          "v1",
          8080,
          "http",
          EchoCertificate.context(),
          new EchoIdentity.Flakiness());

  private String ask(String text) {
    var channel = new EmbeddedChannel(new EchoProtocols(who, false));
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    var out = new StringBuilder();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      out.append(part.toString(StandardCharsets.UTF_8));
      part.release();
    }
    channel.finishAndReleaseAll();
    return out.toString();
  }

  private static Map<String, Object> body(String answer) {
    return Json.object(answer.substring(answer.indexOf("\r\n\r\n") + 4));
  }

  @Test
  void tells_all_it_saw_of_a_request() {
    var answer =
        ask(
            """
            POST /a?b=c HTTP/1.1\r
            Host: web\r
            X-One: 1\r
            x-one: 2\r
            Content-Length: 4\r
            \r
            body\
            """);

    assertThat(body(answer))
        .containsEntry("pod", "web-1")
        .containsEntry("namespace", "shop")
        .containsEntry("node", "node-1")
        .containsEntry("version", "v1")
        .containsEntry("port", 8080)
        .containsEntry("protocol", "HTTP/1.1")
        .containsEntry("tls", false)
        .containsEntry("method", "POST")
        .containsEntry("host", "web")
        .containsEntry("path", "/a?b=c")
        .containsEntry("body", "body");
    assertThat(body(answer).get("headers"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("x-one", List.of("1", "2"));
  }

  @Test
  void answers_the_status_that_is_asked_for() {
    assertThat(ask("GET /status/418 HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 418 ");
    assertThat(ask("GET /status/204 HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("HTTP/1.1 204 ")
        .endsWith("\r\n\r\n");
  }

  @Test
  void sends_as_many_bytes_as_are_asked_for() {
    var answer = ask("GET /bytes/70000 HTTP/1.1\r\nHost: a\r\n\r\n");

    assertThat(answer.length() - answer.indexOf("\r\n\r\n") - 4).isEqualTo(70_000);
  }

  @Test
  void fails_every_nth_time() {
    var codes = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      codes.append(ask("GET /flaky/3 HTTP/1.1\r\nHost: a\r\n\r\n"), 9, 13);
    }

    assertThat(codes).hasToString("200 200 503 200 200 503 ");
  }

  @Test
  void keeps_only_the_first_kibibyte_of_a_body() {
    var answer =
        ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + "x".repeat(5000));

    assertThat(String.valueOf(body(answer).get("body"))).hasSize(1024);
  }

  @Test
  void answers_a_plain_line_with_a_line() {
    var answer = ask("hello there\n");

    assertThat(Json.object(answer))
        .containsEntry("protocol", "TCP")
        .containsEntry("body", "hello there");
  }

  @Test
  void upgrades_to_a_web_socket() {
    var answer =
        ask(
            """
            GET /chat HTTP/1.1\r
            Host: a\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r
            """);

    assertThat(answer).startsWith("HTTP/1.1 101 ").contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @Test
  void is_told_by_its_path_what_to_do() {
    assertThat(EchoAnswer.to("/delay/250?x=1")).isEqualTo(new EchoAnswer.Json(200, 250));
    assertThat(EchoAnswer.to("/delay/-1")).isEqualTo(new EchoAnswer.Json(200, 0));
    assertThat(EchoAnswer.to("/headers")).isEqualTo(new EchoAnswer.Json(200, 0));
    assertThat(EchoAnswer.to("/status/9999")).isEqualTo(new EchoAnswer.Json(400, 0));
  }
}
