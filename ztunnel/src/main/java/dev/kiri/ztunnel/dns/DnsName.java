package dev.kiri.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The name of a question, as it came and as text (RFC 1035 3.1). Immutable.
final class DnsName {
  private static final int MAX_BYTES = 255;
  private static final int MAX_LABEL = 63;

  private final byte[] wire;
  private final String text;

  private DnsName(byte[] wire) {
    this.wire = wire;
    this.text = textOf(wire);
  }

  /// Reads a name that must not be compressed; null if it is malformed. The reader index is then
  /// anywhere.
  static @Nullable DnsName read(ByteBuf message) {
    int start = message.readerIndex();
    while (message.isReadable()) {
      int label = message.readUnsignedByte();
      int length = message.readerIndex() - start;
      if (label == 0) {
        var wire = new byte[length];
        message.getBytes(start, wire);
        return new DnsName(wire);
      }
      if (label > MAX_LABEL || length + label >= MAX_BYTES || message.readableBytes() < label) {
        return null;
      }
      message.skipBytes(label);
    }
    return null;
  }

  /// The name of a host; null if it cannot be one.
  static @Nullable DnsName of(String host) {
    var wire = Unpooled.buffer(MAX_BYTES);
    for (var label : host.split("\\.")) {
      var bytes = label.getBytes(StandardCharsets.US_ASCII);
      if (bytes.length == 0 || bytes.length > MAX_LABEL) {
        return null;
      }
      wire.writeByte(bytes.length).writeBytes(bytes);
    }
    return read(wire.writeByte(0));
  }

  /// Steps over a name, compressed or not; false if the message ends within it.
  static boolean skip(ByteBuf message) {
    while (message.isReadable()) {
      int label = message.readUnsignedByte();
      if (label == 0) {
        return true;
      }
      int more = label >= 0xc0 ? 1 : label;
      if (message.readableBytes() < more || (label > MAX_LABEL && label < 0xc0)) {
        return false;
      }
      message.skipBytes(more);
      if (label >= 0xc0) {
        return true;
      }
    }
    return false;
  }

  /// Lower case, without final dot; empty for the root. Bytes that no host name has are escaped, so
  /// that such a name equals no name of the mesh.
  String text() {
    return text;
  }

  /// How many bytes it takes in a message.
  int length() {
    return wire.length;
  }

  int labels() {
    int count = 0;
    for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
      count++;
    }
    return count;
  }

  /// The name of the first labels alone, in their own case.
  DnsName first(int labels) {
    int end = 0;
    for (int n = 0; n < labels; n++) {
      end += 1 + wire[end];
    }
    var shorter = new byte[end + 1];
    System.arraycopy(wire, 0, shorter, 0, end);
    return new DnsName(shorter);
  }

  void writeTo(ByteBuf out) {
    out.writeBytes(wire);
  }

  private static String textOf(byte[] wire) {
    var text = new StringBuilder(wire.length);
    for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
      if (at > 0) {
        text.append('.');
      }
      for (int i = 1; i <= wire[at]; i++) {
        append(text, wire[at + i] & 0xff);
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, int octet) {
    if (octet <= ' ' || octet > '~' || octet == '.' || octet == '\\') {
      text.append(String.format(Locale.ROOT, "\\%03d", octet));
    } else {
      text.append((char) (octet >= 'A' && octet <= 'Z' ? octet + 'a' - 'A' : octet));
    }
  }

  @Override
  public String toString() {
    return text + ".";
  }
}
