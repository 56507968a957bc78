package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.Span;
import java.nio.charset.StandardCharsets;

/// Finds parameters in a query string. The first occurrence of a name counts.
public final class QueryParameters {
  private QueryParameters() {}

  /// The raw value of the first parameter of that name, [Span#NONE] without one. `?a` is a
  /// parameter with an empty value.
  public static long first(Head head, String name) {
    long query = head.query();
    if (query == Span.NONE) {
      return Span.NONE;
    }
    byte[] bytes = head.bytes();
    int end = Span.end(query);
    for (int start = Span.start(query); start <= end; ) {
      int stop = indexOf(bytes, start, end, '&');
      int equals = indexOf(bytes, start, stop, '=');
      if (nameIs(head, Span.of(start, equals - start), name)) {
        return equals == stop ? Span.of(stop, 0) : Span.of(equals + 1, stop - equals - 1);
      }
      start = stop + 1;
    }
    return Span.NONE;
  }

  static boolean isPlain(Head head, long span) {
    for (int i = Span.start(span), end = Span.end(span); i < end; i++) {
      if (head.bytes()[i] == '%' || head.bytes()[i] == '+') {
        return false;
      }
    }
    return true;
  }

  /// Percent-decoded, `+` taken for a space. A broken escape stays as it is. Bytes are given as
  /// ISO-8859-1 characters, as everywhere in a head.
  static String decode(Head head, long span) {
    byte[] out = new byte[Span.length(span)];
    int length = 0;
    byte[] bytes = head.bytes();
    for (int i = Span.start(span), end = Span.end(span); i < end; i++) {
      int high = bytes[i] == '%' && i + 2 < end ? Ascii.hex(bytes[i + 1]) : -1;
      int low = high >= 0 ? Ascii.hex(bytes[i + 2]) : -1;
      if (low >= 0) {
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[length++] = bytes[i] == '+' ? (byte) ' ' : bytes[i];
      }
    }
    return new String(out, 0, length, StandardCharsets.ISO_8859_1);
  }

  private static boolean nameIs(Head head, long span, String name) {
    if (!isPlain(head, span)) {
      return decode(head, span).equals(name);
    }
    if (Span.length(span) != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if ((head.bytes()[Span.start(span) + i] & 0xff) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int indexOf(byte[] bytes, int start, int end, char wanted) {
    int i = start;
    while (i < end && bytes[i] != wanted) {
      i++;
    }
    return i;
  }
}
