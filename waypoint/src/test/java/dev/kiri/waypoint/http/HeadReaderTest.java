package dev.kiri.waypoint.http;

import static dev.kiri.waypoint.testing.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Form of HTTP/1.1 requests, the smuggling corpus included.
class HeadReaderTest {
  @Test
  void a_head_may_arrive_byte_by_byte() throws MalformedMessage {
    Head head = new Head();
    HeadReader reader = new HeadReader(true);
    byte[] bytes = bytes(lines("GET /a?b#c HTTP/1.1", "Host: h", "X-A:  v \t", "", ""));

    boolean complete = false;
    for (byte b : bytes) {
      assertThat(complete).isFalse();
      complete = reader.read(Unpooled.wrappedBuffer(new byte[] {b}), head);
    }

    assertThat(complete).isTrue();
    assertThat(head.text(head.method())).isEqualTo("GET");
    assertThat(head.text(head.path())).isEqualTo("/a");
    assertThat(head.text(head.query())).isEqualTo("b");
    assertThat(head.get(HeaderName.of("x-a"))).isEqualTo("v");
  }

  @Test
  void an_absolute_target_counts_before_the_host() throws MalformedMessage {
    Head head = checked(lines("GET http://real:80/p HTTP/1.1", "Host: other", "", ""));

    assertThat(head.text(head.authority())).isEqualTo("real:80");
    assertThat(head.text(head.path())).isEqualTo("/p");
  }

  @Test
  void what_connection_names_is_removed() throws MalformedMessage {
    Head head =
        checked(
            lines(
                "GET / HTTP/1.1",
                "Host: h",
                "Connection: close, X-Hop",
                "X-Hop: 1",
                "TE: gzip",
                "Keep-Alive: 1",
                "X-Stay: 1",
                "",
                ""));

    assertThat(head.size()).isEqualTo(1);
    assertThat(head.has(HeaderName.of("x-stay"))).isTrue();
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        of(HeadProblem.BARE_LINE_FEED, "GET / HTTP/1.1\nHost: h\n\n"),
        of(HeadProblem.BARE_LINE_FEED, "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"),
        of(HeadProblem.CODEC, "GET  / HTTP/1.1\r\n"),
        of(HeadProblem.CODEC, "GET / HTTP/1.1 \r\n"),
        of(HeadProblem.CODEC, "GET /\r\n"),
        of(HeadProblem.CODEC, "GET / HTTP/2.0\r\n"),
        of(HeadProblem.CODEC, "GET / http/1.1\r\n"),
        of(HeadProblem.CODEC, "G(T / HTTP/1.1\r\n"),
        of(HeadProblem.CODEC, "GET /\t HTTP/1.1\r\n"),
        of(HeadProblem.LOW_VERSION, "GET / HTTP/1.0\r\n"),
        of(HeadProblem.FOLDED_FIELD, "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n"),
        of(HeadProblem.INVALID_FIELD, "GET / HTTP/1.1\r\nHost : h\r\n"),
        of(HeadProblem.INVALID_FIELD, "GET / HTTP/1.1\r\n: h\r\n"),
        of(HeadProblem.INVALID_FIELD, "GET / HTTP/1.1\r\nno colon\r\n"),
        of(HeadProblem.INVALID_FIELD, "GET / HTTP/1.1\r\nX: a\rb\r\n"),
        of(HeadProblem.INVALID_FIELD, "GET / HTTP/1.1\r\nX: a\0b\r\n"),
        of(HeadProblem.MISSING_HOST, lines("GET / HTTP/1.1", "X: y", "", "")),
        of(HeadProblem.MISSING_HOST, lines("GET / HTTP/1.1", "Host: a", "Host: a", "", "")),
        of(HeadProblem.MISSING_HOST, lines("GET / HTTP/1.1", "Host:", "", "")),
        of(HeadProblem.INVALID_HOST, lines("GET / HTTP/1.1", "Host: a/b", "", "")),
        of(HeadProblem.INVALID_TARGET, lines("GET a HTTP/1.1", "Host: a", "", "")),
        of(HeadProblem.CONTENT_LENGTH, with("Content-Length: 5", "Content-Length: 5")),
        of(HeadProblem.CONTENT_LENGTH, with("Content-Length: 5, 5")),
        of(HeadProblem.CONTENT_LENGTH, with("Content-Length: +5")),
        of(HeadProblem.CONTENT_LENGTH, with("Content-Length: 0x5")),
        of(HeadProblem.CONTENT_LENGTH, with("Content-Length: 99999999999999999999")),
        of(HeadProblem.CONTENT_LENGTH, with("Content-Length:")),
        of(HeadProblem.TRANSFER_ENCODING, with("Content-Length: 5", "Transfer-Encoding: chunked")),
        of(HeadProblem.TRANSFER_ENCODING, with("Transfer-Encoding: gzip, chunked")),
        of(HeadProblem.TRANSFER_ENCODING, with("Transfer-Encoding: xchunked")),
        of(HeadProblem.TRANSFER_ENCODING, with("Transfer-Encoding: chunked, identity")),
        of(
            HeadProblem.TRANSFER_ENCODING,
            with("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
        of(HeadProblem.TOO_LARGE, "GET /" + "a".repeat(70_000)),
        of(HeadProblem.TOO_MANY, "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(101)));
  }

  private static Arguments of(HeadProblem problem, String text) {
    return Arguments.of(problem, text);
  }

  private static String with(String... fields) {
    return lines("POST / HTTP/1.1", "Host: h", String.join("\r\n", fields), "", "");
  }

  @ParameterizedTest
  @MethodSource
  void malformed(HeadProblem expected, String text) {
    var refused = catchThrowableOfType(MalformedMessage.class, () -> checked(text));

    assertThat(refused).isNotNull();
    assertThat(refused.problem()).isEqualTo(expected);
  }

  private static Head checked(String text) throws MalformedMessage {
    Head head = new Head();
    ByteBuf in = Unpooled.wrappedBuffer(bytes(text));
    assertThat(new HeadReader(true).read(in, head)).isTrue();
    RequestChecks.check(head);
    return head;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
