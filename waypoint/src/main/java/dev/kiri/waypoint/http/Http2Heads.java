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
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Between HTTP/2 header lists and heads. Checks what could become something else on an HTTP/1.1
/// connection behind us.
final class Http2Heads {
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString PROTOCOL = Http2Headers.PseudoHeaderName.PROTOCOL.value();

  private Http2Heads() {}

  /// Answers with the protocol that an extended CONNECT (RFC 8441) asks for; such a request is then
  /// the GET with `Upgrade` that it would be on HTTP/1.1. Null for any other request.
  static @Nullable String request(Http2Headers from, Head head) throws MalformedMessage {
    CharSequence method = required(from.method());
    checkToken(method);
    CharSequence protocol = from.get(PROTOCOL);
    boolean connect = CONNECT.contentEquals(method);
    if (connect && protocol == null) {
      // It has no path (RFC 9113 8.5), and is refused later as an upgrade.
      head.method(append(head, method));
      head.path(append(head, ""));
    } else if (connect || protocol == null) {
      head.method(append(head, connect ? "GET" : method));
      required(from.scheme());
      path(required(from.path()), head);
    } else {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    fields(from, head);
    joinCookies(head);
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
    // Netty compares a length with the body only where it can read it.
    Framing.ofRequest(head);
    if (protocol == null) {
      return null;
    }
    checkToken(protocol);
    String wanted = protocol.toString().toLowerCase(Locale.ROOT);
    head.add(HeaderName.UPGRADE, wanted);
    return wanted;
  }

  private static void path(CharSequence path, Head head) throws MalformedMessage {
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) <= ' ' || path.charAt(i) == 0x7f) {
        throw new MalformedMessage(HeadProblem.INVALID_TARGET);
      }
    }
    // Nothing but a path or `*`: another form could lead a server behind us elsewhere.
    boolean star = path.length() == 1 && path.charAt(0) == '*';
    if (path.charAt(0) != '/' && !star) {
      throw new MalformedMessage(HeadProblem.INVALID_TARGET);
    }
    long target = append(head, path);
    StartLine.target(head, Span.start(target), Span.end(target));
  }

  /// Cookies may come in several fields here and in one only on HTTP/1.1 (RFC 9113 8.2.3).
  private static void joinCookies(Head head) {
    int first = head.find(HeaderName.COOKIE, 0);
    if (first < 0 || head.find(HeaderName.COOKIE, first + 1) < 0) {
      return;
    }
    StringBuilder joined = new StringBuilder();
    for (int i = first; i >= 0; i = head.find(HeaderName.COOKIE, i + 1)) {
      joined.append(i == first ? "" : "; ").append(head.text(head.value(i)));
    }
    head.set(HeaderName.COOKIE, joined.toString());
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
    Framing.ofResponse(head, false);
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
    int upgrade = head.find(HeaderName.UPGRADE, 0);
    headers.method(upgrade < 0 ? text(head, head.method()) : CONNECT);
    if (upgrade >= 0) {
      headers.add(PROTOCOL, text(head, head.value(upgrade)));
    }
    headers.scheme(HTTP);
    headers.path(new AsciiString(head.target()));
    headers.authority(text(head, head.authority()));
    addFields(head, headers);
    if (upgrade >= 0) {
      headers.remove(HeaderName.UPGRADE.toString());
      headers.remove(WebSockets.KEY.toString());
    }
    return headers;
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
