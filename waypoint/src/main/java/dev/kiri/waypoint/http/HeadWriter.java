package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.Span;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/// Writes heads in the form of HTTP/1.1.
final class HeadWriter {
  private static final byte[] VERSION = ascii(" HTTP/1.1\r\nhost: ");
  private static final byte[] STATUS = ascii("HTTP/1.1 ");
  private static final byte[] END_OF_LINE = ascii("\r\n");
  private static final byte[] COLON = ascii(": ");
  private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
  private static final byte[] NO_BODY = ascii("content-length: 0\r\n");
  private static final byte[] CLOSE = ascii("connection: close\r\n");
  private static final byte[] UPGRADE = ascii("connection: upgrade\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");

  private HeadWriter() {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static void requestLine(Head head, ByteBuf out) {
    span(head, head.method(), out);
    out.writeByte(' ');
    span(head, head.path(), out);
    if (Span.isPresent(head.query())) {
      out.writeByte('?');
      span(head, head.query(), out);
    }
    out.writeBytes(VERSION);
    span(head, head.authority(), out);
    out.writeBytes(END_OF_LINE);
  }

  static void statusLine(Head head, ByteBuf out) {
    out.writeBytes(STATUS);
    int status = head.status();
    out.writeByte('0' + status / 100)
        .writeByte('0' + status / 10 % 10)
        .writeByte('0' + status % 10);
    out.writeByte(' ');
    ByteBufUtil.writeAscii(out, Reasons.of(status));
    out.writeBytes(END_OF_LINE);
  }

  static void fields(Head head, ByteBuf out) {
    for (int i = 0; i < head.size(); i++) {
      span(head, head.name(i), out);
      out.writeBytes(COLON);
      span(head, head.value(i), out);
      out.writeBytes(END_OF_LINE);
    }
  }

  static void field(String name, String value, ByteBuf out) {
    ByteBufUtil.writeAscii(out, name);
    out.writeBytes(COLON);
    ByteBufUtil.writeAscii(out, value);
    out.writeBytes(END_OF_LINE);
  }

  static void chunked(ByteBuf out) {
    out.writeBytes(CHUNKED);
  }

  static void noBody(ByteBuf out) {
    out.writeBytes(NO_BODY);
  }

  static void close(ByteBuf out) {
    out.writeBytes(CLOSE);
  }

  static void upgrade(ByteBuf out) {
    out.writeBytes(UPGRADE);
  }

  static void endOfHead(ByteBuf out) {
    out.writeBytes(END_OF_LINE);
  }

  /// The line in front of a chunk of this many bytes.
  static void chunkSize(int bytes, ByteBuf out) {
    ByteBufUtil.writeAscii(out, Integer.toHexString(bytes));
    out.writeBytes(END_OF_LINE);
  }

  static void endOfChunk(ByteBuf out) {
    out.writeBytes(END_OF_LINE);
  }

  static void lastChunk(ByteBuf out) {
    out.writeBytes(LAST_CHUNK);
  }

  private static void span(Head head, long span, ByteBuf out) {
    if (Span.isPresent(span)) {
      out.writeBytes(head.bytes(), Span.start(span), Span.length(span));
    }
  }
}
