package dev.kiri.waypoint.head;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The name of a header field, folded to lower case, with the hash by which a [Head] finds it.
/// Immutable.
public final class HeaderName {
  public static final HeaderName HOST = of("host");
  public static final HeaderName CONNECTION = of("connection");
  public static final HeaderName CONTENT_LENGTH = of("content-length");
  public static final HeaderName CONTENT_TYPE = of("content-type");
  public static final HeaderName TRANSFER_ENCODING = of("transfer-encoding");
  public static final HeaderName KEEP_ALIVE = of("keep-alive");
  public static final HeaderName PROXY_CONNECTION = of("proxy-connection");
  public static final HeaderName TE = of("te");
  public static final HeaderName UPGRADE = of("upgrade");
  public static final HeaderName EXPECT = of("expect");
  public static final HeaderName DATE = of("date");
  public static final HeaderName SERVER = of("server");
  public static final HeaderName LOCATION = of("location");
  public static final HeaderName VARY = of("vary");
  public static final HeaderName ORIGIN = of("origin");
  public static final HeaderName COOKIE = of("cookie");
  public static final HeaderName SET_COOKIE = of("set-cookie");
  public static final HeaderName USER_AGENT = of("user-agent");
  public static final HeaderName X_REQUEST_ID = of("x-request-id");
  public static final HeaderName X_FORWARDED_FOR = of("x-forwarded-for");
  public static final HeaderName X_FORWARDED_PROTO = of("x-forwarded-proto");
  public static final HeaderName GRPC_STATUS = of("grpc-status");
  public static final HeaderName GRPC_MESSAGE = of("grpc-message");

  private final String text;
  private final byte[] lower;
  private final int hash;

  private HeaderName(String text) {
    this.text = text;
    this.lower = text.getBytes(StandardCharsets.ISO_8859_1);
    this.hash = hash(lower, 0, lower.length);
  }

  /// @throws IllegalArgumentException when the text is not a token of RFC 9110
  public static HeaderName of(String name) {
    if (!Ascii.allToken(name)) {
      throw new IllegalArgumentException("not a header name: \"" + name + "\"");
    }
    return new HeaderName(name.toLowerCase(Locale.ROOT));
  }

  /// Case-folding FNV-1a; the same for every spelling of a name.
  static int hash(byte[] bytes, int start, int length) {
    int h = 0x811c9dc5;
    for (int i = start, end = start + length; i < end; i++) {
      h = (h ^ Ascii.lower(bytes[i])) * 0x01000193;
    }
    return h;
  }

  int hash() {
    return hash;
  }

  byte[] lower() {
    return lower;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HeaderName name && name.text.equals(text);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return text;
  }
}
