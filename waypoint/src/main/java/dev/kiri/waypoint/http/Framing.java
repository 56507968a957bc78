package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.head.Span;

/// How long a body is (RFC 9112 6.3): a byte count, or one of the two constants. Anything two
/// readers might count differently is refused: both lengths at once, repeated lengths, any transfer
/// coding but `chunked`.
final class Framing {
  static final long CHUNKED = -1;
  static final long UNTIL_CLOSE = -2;

  private static final byte[] CHUNKED_VALUE = {'c', 'h', 'u', 'n', 'k', 'e', 'd'};

  private Framing() {}

  static long ofRequest(Head head) throws MalformedMessage {
    long declared = declared(head);
    return declared == UNTIL_CLOSE ? 0 : declared;
  }

  /// @param toHead whether the request was HEAD
  static long ofResponse(Head head, boolean toHead) throws MalformedMessage {
    long declared = declared(head);
    int status = head.status();
    return toHead || status < 200 || status == 204 || status == 304 ? 0 : declared;
  }

  private static long declared(Head head) throws MalformedMessage {
    int coding = head.find(HeaderName.TRANSFER_ENCODING, 0);
    int length = head.find(HeaderName.CONTENT_LENGTH, 0);
    if (coding >= 0) {
      long value = head.value(coding);
      boolean chunked =
          length < 0
              && head.find(HeaderName.TRANSFER_ENCODING, coding + 1) < 0
              && Ascii.equalsIgnoreCase(
                  head.bytes(), Span.start(value), Span.length(value), CHUNKED_VALUE);
      if (!chunked) {
        throw new MalformedMessage(HeadProblem.TRANSFER_ENCODING);
      }
      return CHUNKED;
    }
    if (length < 0) {
      return UNTIL_CLOSE;
    }
    if (head.find(HeaderName.CONTENT_LENGTH, length + 1) >= 0) {
      throw new MalformedMessage(HeadProblem.CONTENT_LENGTH);
    }
    return decimal(head, head.value(length));
  }

  private static long decimal(Head head, long span) throws MalformedMessage {
    int digits = Span.length(span);
    if (digits == 0 || digits > 18) {
      throw new MalformedMessage(HeadProblem.CONTENT_LENGTH);
    }
    long value = 0;
    for (int i = Span.start(span), end = Span.end(span); i < end; i++) {
      int digit = head.bytes()[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new MalformedMessage(HeadProblem.CONTENT_LENGTH);
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
