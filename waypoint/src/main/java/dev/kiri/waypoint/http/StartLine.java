package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.head.Span;

/// Request line and status line of HTTP/1.1 (RFC 9112 3 and 4).
final class StartLine {
  private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '1', '.', '1'};

  private StartLine() {}

  static void request(Head head, int start, int end) throws MalformedMessage {
    byte[] bytes = head.bytes();
    int methodEnd = start;
    while (methodEnd < end && Ascii.isToken(bytes[methodEnd])) {
      methodEnd++;
    }
    if (methodEnd == start || methodEnd == end || bytes[methodEnd] != ' ') {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    int targetStart = methodEnd + 1;
    int targetEnd = targetStart;
    while (targetEnd < end && isTarget(bytes[targetEnd])) {
      targetEnd++;
    }
    if (targetEnd == targetStart || targetEnd == end || bytes[targetEnd] != ' ') {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    version(bytes, targetEnd + 1, end);
    head.method(Span.of(start, methodEnd - start));
    target(head, targetStart, targetEnd);
  }

  static void response(Head head, int start, int end) throws MalformedMessage {
    byte[] bytes = head.bytes();
    // HTTP/1.0 is told by its framing: without a length it ends with the connection.
    boolean http1 =
        end - start >= 12
            && startsWith(bytes, start, VERSION, 7)
            && (bytes[start + 7] == '1' || bytes[start + 7] == '0')
            && bytes[start + 8] == ' '
            && (end - start == 12 || bytes[start + 12] == ' ');
    if (!http1) {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    int status = 0;
    for (int i = start + 9; i < start + 12; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new MalformedMessage(HeadProblem.CODEC);
      }
      status = status * 10 + digit;
    }
    if (status < 100) {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    for (int i = start + 12; i < end; i++) {
      if (!Ascii.isFieldContent(bytes[i])) {
        throw new MalformedMessage(HeadProblem.CODEC);
      }
    }
    head.status(status);
    head.minorVersion(bytes[start + 7] - '0');
  }

  private static boolean isTarget(byte b) {
    return (b & 0xff) > 0x20 && b != 0x7f;
  }

  private static void version(byte[] bytes, int start, int end) throws MalformedMessage {
    if (end - start != VERSION.length || !startsWith(bytes, start, VERSION, 7)) {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
    if (bytes[start + 7] == '0') {
      throw new MalformedMessage(HeadProblem.LOW_VERSION);
    }
    if (bytes[start + 7] != '1') {
      throw new MalformedMessage(HeadProblem.CODEC);
    }
  }

  private static boolean startsWith(byte[] bytes, int start, byte[] prefix, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[start + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /// Origin form, absolute form (its authority then counts, not Host), authority form of CONNECT
  /// and `*`.
  static void target(Head head, int start, int end) throws MalformedMessage {
    byte[] bytes = head.bytes();
    if (bytes[start] == '/') {
      pathAndQuery(head, start, end);
      return;
    }
    if (end - start == 1 && bytes[start] == '*') {
      head.path(Span.of(start, 1));
      return;
    }
    int authority = afterScheme(bytes, start, end);
    if (authority < 0) {
      // Authority form: only CONNECT may use it, and CONNECT is refused later as an upgrade.
      head.authority(Span.of(start, end - start));
      head.path(Span.of(start, 0));
      return;
    }
    int slash = authority;
    while (slash < end && bytes[slash] != '/' && bytes[slash] != '?' && bytes[slash] != '#') {
      slash++;
    }
    if (slash == authority) {
      throw new MalformedMessage(HeadProblem.INVALID_TARGET);
    }
    head.authority(Span.of(authority, slash - authority));
    if (slash < end && bytes[slash] == '/') {
      pathAndQuery(head, slash, end);
    } else {
      long rest = Span.of(slash, end - slash);
      head.path(head.append("/"));
      if (Span.length(rest) > 0 && bytes[slash] == '?') {
        head.query(Span.of(slash + 1, withoutFragment(bytes, slash + 1, end) - slash - 1));
      }
    }
  }

  private static int afterScheme(byte[] bytes, int start, int end) {
    int i = start;
    while (i < end && (Ascii.isToken(bytes[i]))) {
      i++;
    }
    boolean scheme =
        i > start && i + 2 < end && bytes[i] == ':' && bytes[i + 1] == '/' && bytes[i + 2] == '/';
    return scheme ? i + 3 : -1;
  }

  /// A fragment is cut off, as Envoy does under Istio.
  private static void pathAndQuery(Head head, int start, int end) {
    byte[] bytes = head.bytes();
    int stop = withoutFragment(bytes, start, end);
    int question = start;
    while (question < stop && bytes[question] != '?') {
      question++;
    }
    head.path(Span.of(start, question - start));
    head.query(question < stop ? Span.of(question + 1, stop - question - 1) : Span.NONE);
  }

  private static int withoutFragment(byte[] bytes, int start, int end) {
    int i = start;
    while (i < end && bytes[i] != '#') {
      i++;
    }
    return i;
  }
}
