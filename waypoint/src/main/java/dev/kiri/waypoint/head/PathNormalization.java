package dev.kiri.waypoint.head;

/// Brings a request's path into the one form that policies, routes and the endpoint see (mesh
/// option `pathNormalization`).
///
/// `BASE`: dot segments removed, percent-encoded unreserved characters decoded, `\` taken for `/`,
/// bytes from 0x80 encoded; escaped slashes stay. The common path needs no change and costs one
/// scan. Pure but for the head it edits.
public enum PathNormalization {
  NONE,
  BASE,
  MERGE_SLASHES,
  DECODE_AND_MERGE_SLASHES;

  /// @throws MalformedMessage for an escaped NUL
  public void apply(Head head) throws MalformedMessage {
    long path = head.path();
    if (this == NONE || !needsWork(head.bytes(), path)) {
      return;
    }
    byte[] decoded = new byte[Span.length(path) * 3];
    int length = decode(head.bytes(), path, decoded);
    if (length == 0 || decoded[0] != '/') {
      throw new MalformedMessage(HeadProblem.PATH);
    }
    if (this != BASE) {
      length = mergeSlashes(decoded, length);
    }
    length = removeDotSegments(decoded, length);
    head.path(head.append(decoded, 0, length));
  }

  private boolean needsWork(byte[] bytes, long path) {
    byte before = 0;
    for (int i = Span.start(path), end = Span.end(path); i < end; i++) {
      byte b = bytes[i];
      if (b == '%' || b == '\\' || b < 0 || (before == '/' && (b == '.' || b == '/'))) {
        return bytes[Span.start(path)] == '/';
      }
      before = b;
    }
    return false;
  }

  private int decode(byte[] bytes, long path, byte[] out) throws MalformedMessage {
    int length = 0;
    for (int i = Span.start(path), end = Span.end(path); i < end; i++) {
      byte b = bytes[i];
      if (b == '\\') {
        out[length++] = '/';
      } else if (b < 0) {
        length = escape(b, out, length);
      } else if (b != '%') {
        out[length++] = b;
      } else {
        int high = i + 2 < end ? Ascii.hex(bytes[i + 1]) : -1;
        int low = i + 2 < end ? Ascii.hex(bytes[i + 2]) : -1;
        if (high < 0 || low < 0) {
          // No escape at all: passed on as it is, so everyone sees the same bytes.
          out[length++] = b;
          continue;
        }
        if ((high | low) == 0) {
          throw new MalformedMessage(HeadProblem.PATH);
        }
        length = unescape((byte) (high << 4 | low), bytes, i, out, length);
        i += 2;
      }
    }
    return length;
  }

  private int unescape(byte value, byte[] bytes, int at, byte[] out, int length) {
    if (isUnreserved(value)) {
      out[length] = value;
      return length + 1;
    }
    if (this == DECODE_AND_MERGE_SLASHES && (value == '/' || value == '\\')) {
      out[length] = '/';
      return length + 1;
    }
    out[length] = '%';
    out[length + 1] = bytes[at + 1];
    out[length + 2] = bytes[at + 2];
    return length + 3;
  }

  private static int escape(byte b, byte[] out, int length) {
    String digits = "0123456789ABCDEF";
    out[length] = '%';
    out[length + 1] = (byte) digits.charAt((b & 0xff) >>> 4);
    out[length + 2] = (byte) digits.charAt(b & 0xf);
    return length + 3;
  }

  private static boolean isUnreserved(byte b) {
    byte c = Ascii.lower(b);
    return (c >= 'a' && c <= 'z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '.'
        || b == '_'
        || b == '~';
  }

  private static int mergeSlashes(byte[] path, int length) {
    int to = 0;
    for (int i = 0; i < length; i++) {
      if (path[i] != '/' || to == 0 || path[to - 1] != '/') {
        path[to++] = path[i];
      }
    }
    return to;
  }

  /// RFC 3986 5.2.4 in place; a `..` above the root stays at the root.
  private static int removeDotSegments(byte[] path, int length) {
    int to = 0;
    int i = 0;
    while (i < length) {
      int next = i + 1;
      while (next < length && path[next] != '/') {
        next++;
      }
      int segment = next - i - 1;
      boolean last = next == length;
      if (segment == 1 && path[i + 1] == '.') {
        if (last) {
          path[to++] = '/';
        }
      } else if (segment == 2 && path[i + 1] == '.' && path[i + 2] == '.') {
        to = parent(path, to);
        if (last) {
          path[to++] = '/';
        }
      } else {
        System.arraycopy(path, i, path, to, next - i);
        to += next - i;
      }
      i = next;
    }
    return to;
  }

  private static int parent(byte[] path, int length) {
    int to = Math.max(0, length - 1);
    while (to > 0 && path[to] != '/') {
      to--;
    }
    return to;
  }
}
