package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.HopByHop;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.head.Span;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Between HTTP/2 header lists and heads. Checks what could become something else on an HTTP/1.1
/// connection behind us.
final class Http2Heads {
  private static final AsciiString HTTP = AsciiString.cached("http");

  private Http2Heads() {}

  static void request(Http2Headers from, Head head) throws MalformedMessage {
    CharSequence method = required(from.method());
    checkToken(method);
    head.method(append(head, method));
    CharSequence path = required(from.path());
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) <= ' ' || path.charAt(i) == 0x7f) {
        throw new MalformedMessage(HeadProblem.INVALID_TARGET);
      }
    }
    long target = append(head, path);
    if (Span.length(target) > 0) {
      StartLine.target(head, Span.start(target), Span.end(target));
    }
    fields(from, head);
    CharSequence authority = from.authority();
    int host = head.find(HeaderName.HOST, 0);
    if (authority != null) {
      head.authority(append(head, authority));
    } else if (host >= 0) {
      head.authority(head.value(host));
    } else {
      throw new MalformedMessage(HeadProblem.MISSING_HOST);
    }
    head.remove(HeaderName.HOST);
    RequestChecks.authority(head);
    HopByHop.strip(head);
    head.remove(HeaderName.UPGRADE);
    head.remove(HeaderName.TRANSFER_ENCODING);
  }

  static void response(Http2Headers from, Head head) throws MalformedMessage {
    CharSequence status = required(from.status());
    int code = 0;
    for (int i = 0; i < status.length(); i++) {
      code = code * 10 + Character.digit(status.charAt(i), 10);
    }
    if (status.length() != 3 || code < 100) {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    head.status(code);
    fields(from, head);
    HopByHop.strip(head);
    head.remove(HeaderName.TRANSFER_ENCODING);
  }

  static void trailers(Http2Headers from, Head head) throws MalformedMessage {
    fields(from, head);
  }

  private static CharSequence required(@Nullable CharSequence value) throws MalformedMessage {
    if (value == null || value.isEmpty()) {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    return value;
  }

  private static void fields(Http2Headers from, Head head) throws MalformedMessage {
    for (Map.Entry<CharSequence, CharSequence> field : from) {
      CharSequence name = field.getKey();
      if (name.isEmpty() || name.charAt(0) == ':') {
        continue;
      }
      if (head.size() >= HeadReader.MAX_FIELDS) {
        throw new MalformedMessage(HeadProblem.TOO_MANY);
      }
      checkToken(name);
      CharSequence value = field.getValue();
      for (int i = 0; i < value.length(); i++) {
        if (!Ascii.isFieldContent((byte) value.charAt(i))) {
          throw new MalformedMessage(HeadProblem.INVALID_FIELD);
        }
      }
      head.addSpans(append(head, name), append(head, value));
    }
  }

  private static void checkToken(CharSequence text) throws MalformedMessage {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f || !Ascii.isToken((byte) text.charAt(i))) {
        throw new MalformedMessage(HeadProblem.INVALID_FIELD);
      }
    }
  }

  private static long append(Head head, CharSequence text) {
    int at = head.reserve(text.length());
    byte[] bytes = head.bytes();
    for (int i = 0; i < text.length(); i++) {
      bytes[at + i] = (byte) text.charAt(i);
    }
    return Span.of(at, text.length());
  }

  static Http2Headers ofRequest(Head head) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    headers.method(text(head, head.method()));
    headers.scheme(HTTP);
    headers.path(new AsciiString(head.target()));
    headers.authority(text(head, head.authority()));
    return addFields(head, headers);
  }

  static Http2Headers ofResponse(Head head) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    headers.status(new AsciiString(Integer.toString(head.status())));
    return addFields(head, headers);
  }

  static Http2Headers ofTrailers(Head head) {
    return addFields(head, new DefaultHttp2Headers(false));
  }

  private static Http2Headers addFields(Head head, Http2Headers to) {
    for (int i = 0; i < head.size(); i++) {
      to.add(text(head, head.name(i)).toLowerCase(), text(head, head.value(i)));
    }
    return to;
  }

  private static AsciiString text(Head head, long span) {
    return Span.length(span) == 0
        ? AsciiString.EMPTY_STRING
        : new AsciiString(head.bytes(), Span.start(span), Span.length(span), true);
  }
}
