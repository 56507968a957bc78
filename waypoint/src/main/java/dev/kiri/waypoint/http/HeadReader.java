package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.head.Span;
import io.netty.buffer.ByteBuf;

/// Reads HTTP/1.1 heads out of slices of any size, line by line, each byte looked at once.
///
/// Strict where two readers of one message could disagree (RFC 9112 2.2, 5): lines end in CR LF
/// only, no folded lines, no space before a colon, no control characters. Bounded in bytes and
/// fields. Confined to one stream.
final class HeadReader {
  /// Same as Envoy's defaults under Istio (max_request_headers_kb 60, 100 fields).
  static final int MAX_BYTES = 60 * 1024;

  static final int MAX_FIELDS = 100;

  /// Empty lines tolerated in front of a request (RFC 9112 2.2 asks for at least one).
  private static final int MAX_EMPTY_LINES = 4;

  private final boolean request;
  private int lineStart;
  private int lines;
  private int emptyLines;

  HeadReader(boolean request) {
    this.request = request;
  }

  /// True between the first byte of a head and its end.
  boolean midway() {
    return lines > 0 || lineStart > 0;
  }

  /// Takes from `in` what belongs to the head. True when the head is complete; the reader is then
  /// ready for the next one.
  boolean read(ByteBuf in, Head head) throws MalformedMessage {
    while (in.isReadable()) {
      int at = in.readerIndex();
      int newline = in.indexOf(at, in.writerIndex(), (byte) '\n');
      int take = (newline < 0 ? in.writerIndex() : newline + 1) - at;
      if (head.length() + take > MAX_BYTES) {
        throw new MalformedMessage(HeadProblem.TOO_LARGE);
      }
      int to = head.reserve(take);
      in.readBytes(head.bytes(), to, take);
      if (newline >= 0 && endOfLine(head)) {
        return true;
      }
    }
    return false;
  }

  private boolean endOfLine(Head head) throws MalformedMessage {
    int end = head.length() - 2;
    if (end < lineStart || head.bytes()[end] != '\r') {
      throw new MalformedMessage(HeadProblem.BARE_LINE_FEED);
    }
    int start = lineStart;
    lineStart = head.length();
    if (end == start) {
      return endOfHead();
    }
    if (lines++ > 0) {
      field(head, start, end);
    } else if (request) {
      StartLine.request(head, start, end);
    } else {
      StartLine.response(head, start, end);
    }
    return false;
  }

  private boolean endOfHead() throws MalformedMessage {
    if (lines > 0) {
      lines = 0;
      lineStart = 0;
      emptyLines = 0;
      return true;
    }
    if (!request || ++emptyLines > MAX_EMPTY_LINES) {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    return false;
  }

  /// One field line; also used for the trailer section of a chunked body.
  static void field(Head head, int start, int end) throws MalformedMessage {
    if (head.size() >= MAX_FIELDS) {
      throw new MalformedMessage(HeadProblem.TOO_MANY);
    }
    byte[] bytes = head.bytes();
    if (bytes[start] == ' ' || bytes[start] == '\t') {
      throw new MalformedMessage(HeadProblem.FOLDED_FIELD);
    }
    int colon = start;
    while (colon < end && Ascii.isToken(bytes[colon])) {
      colon++;
    }
    if (colon == start || colon == end || bytes[colon] != ':') {
      throw new MalformedMessage(HeadProblem.INVALID_FIELD);
    }
    int from = colon + 1;
    while (from < end && isBlank(bytes[from])) {
      from++;
    }
    int to = end;
    while (to > from && isBlank(bytes[to - 1])) {
      to--;
    }
    for (int i = from; i < to; i++) {
      if (!Ascii.isFieldContent(bytes[i])) {
        throw new MalformedMessage(HeadProblem.INVALID_FIELD);
      }
    }
    head.addSpans(Span.of(start, colon - start), Span.of(from, to - from));
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }
}
