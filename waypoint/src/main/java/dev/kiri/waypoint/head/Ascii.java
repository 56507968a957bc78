package dev.kiri.waypoint.head;

/// The character classes of RFC 9110, and case folding on bytes.
public final class Ascii {
  private static final boolean[] TOKEN = new boolean[256];
  private static final boolean[] FIELD = new boolean[256];

  static {
    for (int c = '0'; c <= '9'; c++) {
      TOKEN[c] = true;
    }
    for (int c = 'a'; c <= 'z'; c++) {
      TOKEN[c] = true;
      TOKEN[c - 32] = true;
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      TOKEN[c] = true;
    }
    for (int c = 0x20; c < 256; c++) {
      FIELD[c] = c != 0x7f;
    }
    FIELD['\t'] = true;
  }

  private Ascii() {}

  /// RFC 9110 5.6.2.
  public static boolean isToken(byte b) {
    return TOKEN[b & 0xff];
  }

  /// RFC 9110 5.5: visible characters, space, tab and bytes from 0x80.
  public static boolean isFieldContent(byte b) {
    return FIELD[b & 0xff];
  }

  public static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
  }

  /// The value of a hexadecimal digit, -1 for anything else.
  public static int hex(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    byte c = lower(b);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  public static boolean equalsIgnoreCase(byte[] a, int start, int length, byte[] lower) {
    if (length != lower.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (lower(a[start + i]) != lower[i]) {
        return false;
      }
    }
    return true;
  }

  static boolean allToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7f || !TOKEN[c]) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
