package dev.kiri.local.echo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// A protobuf message with one text, and gRPC's five bytes before a message. Pure.
final class GrpcText {
  private GrpcText() {}

  /// Field 1, a text.
  static byte[] message(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();
    out.write(0x0a);
    int rest = bytes.length;
    while (rest > 0x7f) {
      out.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  static byte[] framed(byte[] message) {
    var out = new ByteArrayOutputStream();
    int n = message.length;
    out.writeBytes(new byte[] {0, (byte) (n >> 24), (byte) (n >> 16), (byte) (n >> 8), (byte) n});
    out.writeBytes(message);
    return out.toByteArray();
  }
}
