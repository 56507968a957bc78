package dev.kiri.waypoint.head;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A text kept as the bytes it has on the wire, for comparing with ranges of a [Head]. Immutable.
public final class ByteText {
  private final byte[] bytes;

  private ByteText(byte[] bytes) {
    this.bytes = bytes;
  }

  public static ByteText of(String text) {
    return new ByteText(text.getBytes(StandardCharsets.UTF_8));
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ByteText text && Arrays.equals(text.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// One character a byte, as texts taken from a head have it.
  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
