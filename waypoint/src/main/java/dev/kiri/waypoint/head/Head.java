package dev.kiri.waypoint.head;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The head of one request or response: start line and header fields as ranges over one byte array.
///
/// A request has method, path, query and authority (the Host field of HTTP/1.1 is kept there and
/// not among the fields); a response has a status. Edits append to the array and change ranges, so
/// an untouched field is never copied. Reusable by [#clear()]; confined to one event loop; bounded
/// by what its filler allows (60 KiB, 100 fields).
public final class Head {
  private static final int FIRST_BYTES = 1024;
  private static final int FIRST_FIELDS = 24;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int end;
  private int[] hashes = new int[FIRST_FIELDS];
  private long[] names = new long[FIRST_FIELDS];
  private long[] values = new long[FIRST_FIELDS];
  private int size;

  private long method = Span.NONE;
  private long path = Span.NONE;
  private long query = Span.NONE;
  private long authority = Span.NONE;
  private int status;
  private int minorVersion = 1;

  public void clear() {
    end = 0;
    size = 0;
    method = Span.NONE;
    path = Span.NONE;
    query = Span.NONE;
    authority = Span.NONE;
    status = 0;
    minorVersion = 1;
  }

  // ---- bytes

  public byte[] bytes() {
    return bytes;
  }

  /// How many bytes of the array are in use.
  public int length() {
    return end;
  }

  /// Makes room for `more` bytes and returns where they start; the caller fills them in.
  public int reserve(int more) {
    if (end + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + more));
    }
    int start = end;
    end += more;
    return start;
  }

  public long append(byte[] from, int start, int length) {
    int at = reserve(length);
    System.arraycopy(from, start, bytes, at, length);
    return Span.of(at, length);
  }

  public long append(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.ISO_8859_1);
    return append(encoded, 0, encoded.length);
  }

  public String text(long span) {
    return span == Span.NONE
        ? ""
        : new String(bytes, Span.start(span), Span.length(span), StandardCharsets.ISO_8859_1);
  }

  public boolean is(long span, ByteText text) {
    byte[] expected = text.bytes();
    int start = Span.start(span);
    return span != Span.NONE
        && Arrays.equals(bytes, start, start + Span.length(span), expected, 0, expected.length);
  }

  /// Whether a range begins with a text.
  public boolean begins(long span, ByteText text) {
    byte[] expected = text.bytes();
    int start = Span.start(span);
    return span != Span.NONE
        && Span.length(span) >= expected.length
        && Arrays.equals(bytes, start, start + expected.length, expected, 0, expected.length);
  }

  // ---- start line

  public long method() {
    return method;
  }

  public void method(long span) {
    method = span;
  }

  /// The path without query, as the client sent it or, behind normalisation, as routes and policies
  /// see it.
  public long path() {
    return path;
  }

  public void path(long span) {
    path = span;
  }

  /// What stands behind `?`; [Span#NONE] without one.
  public long query() {
    return query;
  }

  public void query(long span) {
    query = span;
  }

  public long authority() {
    return authority;
  }

  public void authority(long span) {
    authority = span;
  }

  public int status() {
    return status;
  }

  public void status(int code) {
    status = code;
  }

  /// 0 for a peer that answered with HTTP/1.0, else 1.
  public int minorVersion() {
    return minorVersion;
  }

  public void minorVersion(int minor) {
    minorVersion = minor;
  }

  /// Path and query as they go on the wire.
  public String target() {
    return Span.isPresent(query) ? text(path) + "?" + text(query) : text(path);
  }

  // ---- fields

  public int size() {
    return size;
  }

  public long name(int index) {
    return names[index];
  }

  public long value(int index) {
    return values[index];
  }

  /// Adds a field whose name and value already lie in the array.
  public void addSpans(long name, long value) {
    if (size == hashes.length) {
      int larger = size * 2;
      hashes = Arrays.copyOf(hashes, larger);
      names = Arrays.copyOf(names, larger);
      values = Arrays.copyOf(values, larger);
    }
    hashes[size] = HeaderName.hash(bytes, Span.start(name), Span.length(name));
    names[size] = name;
    values[size++] = value;
  }

  public void add(HeaderName name, String value) {
    byte[] lower = name.lower();
    addSpans(append(lower, 0, lower.length), append(value));
  }

  /// Replaces every line of that name by one.
  public void set(HeaderName name, String value) {
    remove(name);
    add(name, value);
  }

  public void remove(HeaderName name) {
    for (int i = find(name, 0); i >= 0; i = find(name, i)) {
      removeAt(i);
    }
  }

  public void removeAt(int index) {
    int behind = size - index - 1;
    System.arraycopy(hashes, index + 1, hashes, index, behind);
    System.arraycopy(names, index + 1, names, index, behind);
    System.arraycopy(values, index + 1, values, index, behind);
    size--;
  }

  /// The index of the first line of that name at or behind `from`, -1 without one.
  public int find(HeaderName name, int from) {
    for (int i = from; i < size; i++) {
      if (hashes[i] == name.hash()
          && Ascii.equalsIgnoreCase(
              bytes, Span.start(names[i]), Span.length(names[i]), name.lower())) {
        return i;
      }
    }
    return -1;
  }

  public boolean has(HeaderName name) {
    return find(name, 0) >= 0;
  }

  /// The value; several lines are joined by `,` as policies and routes are told to see them.
  public @Nullable String get(HeaderName name) {
    int first = find(name, 0);
    if (first < 0) {
      return null;
    }
    int next = find(name, first + 1);
    if (next < 0) {
      return text(values[first]);
    }
    StringBuilder joined = new StringBuilder(text(values[first]));
    for (; next >= 0; next = find(name, next + 1)) {
      joined.append(',').append(text(values[next]));
    }
    return joined.toString();
  }
}
