package dev.kiri.waypoint.head;

/// Removes what belongs to one connection only (RFC 9110 7.6.1): `Connection` with every field it
/// names, and the fields that are hop-by-hop by nature. Done before policies look, so that policy
/// and endpoint see the same fields.
public final class HopByHop {
  private static final byte[] CLOSE = {'c', 'l', 'o', 's', 'e'};
  private static final byte[] UPGRADE = {'u', 'p', 'g', 'r', 'a', 'd', 'e'};
  private static final byte[] TRAILERS = {'t', 'r', 'a', 'i', 'l', 'e', 'r', 's'};

  private HopByHop() {}

  /// What `Connection` said.
  public record Connection(boolean close, boolean upgrade) {
    static final Connection NOTHING = new Connection(false, false);
    static final Connection CLOSE_ONLY = new Connection(true, false);
    static final Connection UPGRADE_ONLY = new Connection(false, true);
    static final Connection BOTH = new Connection(true, true);

    static Connection of(boolean close, boolean upgrade) {
      return close ? (upgrade ? BOTH : CLOSE_ONLY) : upgrade ? UPGRADE_ONLY : NOTHING;
    }
  }

  /// Leaves `Upgrade` itself in place: whoever asked for the connection options decides about it.
  public static Connection strip(Head head) {
    boolean close = false;
    boolean upgrade = false;
    for (int i = head.find(HeaderName.CONNECTION, 0);
        i >= 0;
        i = head.find(HeaderName.CONNECTION, 0)) {
      long value = head.value(i);
      head.removeAt(i);
      int end = Span.end(value);
      for (int start = Span.start(value); start < end; ) {
        int comma = indexOfComma(head.bytes(), start, end);
        long token = trim(head.bytes(), start, comma);
        if (is(head, token, CLOSE)) {
          close = true;
        } else if (is(head, token, UPGRADE)) {
          upgrade = true;
        } else {
          removeNamed(head, token);
        }
        start = comma + 1;
      }
    }
    head.remove(HeaderName.KEEP_ALIVE);
    head.remove(HeaderName.PROXY_CONNECTION);
    keepOnlyTrailers(head);
    return Connection.of(close, upgrade);
  }

  private static void keepOnlyTrailers(Head head) {
    int first = head.find(HeaderName.TE, 0);
    if (first < 0 || (is(head, head.value(first), TRAILERS) && only(head, first))) {
      return;
    }
    boolean trailers = false;
    for (int i = first; i >= 0; i = head.find(HeaderName.TE, i + 1)) {
      trailers |= holdsTrailers(head, head.value(i));
    }
    head.remove(HeaderName.TE);
    if (trailers) {
      head.add(HeaderName.TE, "trailers");
    }
  }

  private static boolean only(Head head, int index) {
    return head.find(HeaderName.TE, index + 1) < 0;
  }

  private static boolean holdsTrailers(Head head, long value) {
    int end = Span.end(value);
    for (int start = Span.start(value); start < end; ) {
      int comma = indexOfComma(head.bytes(), start, end);
      if (is(head, trim(head.bytes(), start, comma), TRAILERS)) {
        return true;
      }
      start = comma + 1;
    }
    return false;
  }

  /// A client must not strip what carries meaning for framing or for the proxy itself.
  private static void removeNamed(Head head, long token) {
    byte[] bytes = head.bytes();
    if (Span.length(token) == 0
        || matches(bytes, token, HeaderName.CONTENT_LENGTH)
        || matches(bytes, token, HeaderName.TRANSFER_ENCODING)
        || matches(bytes, token, HeaderName.TE)) {
      return;
    }
    for (int i = head.size() - 1; i >= 0; i--) {
      long name = head.name(i);
      if (sameName(bytes, name, token)) {
        head.removeAt(i);
      }
    }
  }

  private static boolean sameName(byte[] bytes, long a, long b) {
    if (Span.length(a) != Span.length(b)) {
      return false;
    }
    for (int i = 0; i < Span.length(a); i++) {
      if (Ascii.lower(bytes[Span.start(a) + i]) != Ascii.lower(bytes[Span.start(b) + i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(byte[] bytes, long token, HeaderName name) {
    return Ascii.equalsIgnoreCase(bytes, Span.start(token), Span.length(token), name.lower());
  }

  private static boolean is(Head head, long span, byte[] lower) {
    return Ascii.equalsIgnoreCase(head.bytes(), Span.start(span), Span.length(span), lower);
  }

  private static int indexOfComma(byte[] bytes, int start, int end) {
    int i = start;
    while (i < end && bytes[i] != ',') {
      i++;
    }
    return i;
  }

  private static long trim(byte[] bytes, int start, int end) {
    int from = start;
    int to = end;
    while (from < to && (bytes[from] == ' ' || bytes[from] == '\t')) {
      from++;
    }
    while (to > from && (bytes[to - 1] == ' ' || bytes[to - 1] == '\t')) {
      to--;
    }
    return Span.of(from, to - from);
  }
}
