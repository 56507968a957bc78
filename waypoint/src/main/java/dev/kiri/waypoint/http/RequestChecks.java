package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.HopByHop;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.head.Span;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Brings the head of an HTTP/1.1 request into the form the proxy works on: one authority, known
/// framing, no hop-by-hop fields.
final class RequestChecks {
  private static final ByteText CONNECT = ByteText.of("CONNECT");
  private static final byte[] CONTINUE = HeadWriter.ascii("100-continue");

  private RequestChecks() {}

  /// What the head says about the connection.
  ///
  /// @param length of the body
  /// @param keepAlive whether the client will send another request
  /// @param expectsContinue whether it waits for an interim answer before the body
  record Checked(
      long length,
      boolean keepAlive,
      boolean expectsContinue,
      @Nullable String upgrade,
      boolean connect) {}

  static Checked check(Head head) throws MalformedMessage {
    host(head);
    boolean connect = head.is(head.method(), CONNECT);
    if (Span.length(head.path()) == 0 && !connect) {
      throw new MalformedMessage(HeadProblem.INVALID_TARGET);
    }
    long length = Framing.ofRequest(head);
    HopByHop.Connection connection = HopByHop.strip(head);
    head.remove(HeaderName.TRANSFER_ENCODING);
    @Nullable String upgrade = upgrade(head, connection);
    return new Checked(length, !connection.close(), expectsContinue(head), upgrade, connect);
  }

  /// Exactly one Host (RFC 9112 3.2); the authority of an absolute target counts instead of it.
  private static void host(Head head) throws MalformedMessage {
    int host = head.find(HeaderName.HOST, 0);
    if (host < 0 || head.find(HeaderName.HOST, host + 1) >= 0) {
      throw new MalformedMessage(HeadProblem.MISSING_HOST);
    }
    if (!Span.isPresent(head.authority())) {
      head.authority(head.value(host));
    }
    head.removeAt(host);
    authority(head);
  }

  static void authority(Head head) throws MalformedMessage {
    long authority = head.authority();
    if (Span.length(authority) == 0) {
      throw new MalformedMessage(HeadProblem.MISSING_HOST);
    }
    for (int i = Span.start(authority), end = Span.end(authority); i < end; i++) {
      byte b = head.bytes()[i];
      boolean allowed = Ascii.isToken(b) || b == ':' || b == '[' || b == ']';
      if (!allowed) {
        throw new MalformedMessage(HeadProblem.INVALID_HOST);
      }
    }
  }

  /// `h2c` is not honoured and not an error either: the request goes on as it is, as Envoy has it.
  private static @Nullable String upgrade(Head head, HopByHop.Connection connection) {
    String value = head.get(HeaderName.UPGRADE);
    if (value == null) {
      return null;
    }
    String wanted = value.toLowerCase(Locale.ROOT);
    if (!connection.upgrade() || wanted.equals("h2c")) {
      head.remove(HeaderName.UPGRADE);
      return null;
    }
    return wanted;
  }

  private static boolean expectsContinue(Head head) {
    int expect = head.find(HeaderName.EXPECT, 0);
    return expect >= 0
        && Ascii.equalsIgnoreCase(
            head.bytes(),
            Span.start(head.value(expect)),
            Span.length(head.value(expect)),
            CONTINUE);
  }
}
