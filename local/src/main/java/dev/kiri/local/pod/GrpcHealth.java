package dev.kiri.local.pod;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// The few HTTP/2 frames (RFC 9113) of one call to gRPC's health service. Pure.
final class GrpcHealth {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int MAX_FRAME = 16_384;
  private static final int GRPC_PREFIX = 5;
  private static final int SERVING = 1;

  private GrpcHealth() {}

  static byte[] request(String authority, String service) {
    var out = new ByteArrayOutputStream();
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(out, SETTINGS, 0, 0, new byte[0]);
    var headers = new ByteArrayOutputStream();
    header(headers, ":method", "POST");
    header(headers, ":scheme", "http");
    header(headers, ":path", "/grpc.health.v1.Health/Check");
    header(headers, ":authority", authority);
    header(headers, "te", "trailers");
    header(headers, "content-type", "application/grpc");
    header(headers, "user-agent", "kube-probe/1.34");
    frame(out, HEADERS, END_HEADERS, 1, headers.toByteArray());
    var name = service.getBytes(StandardCharsets.UTF_8);
    var message = new ByteArrayOutputStream();
    int length = name.length == 0 ? 0 : name.length + 2;
    message.writeBytes(new byte[] {0, 0, 0, 0, (byte) length});
    if (name.length > 0) {
      message.write(0x0a);
      message.write(name.length);
      message.writeBytes(name);
    }
    frame(out, DATA, END_STREAM, 1, message.toByteArray());
    return out.toByteArray();
  }

  /// Literal header field without indexing, plain strings (RFC 7541, 6.2.2).
  private static void header(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    for (var text : new String[] {name, value}) {
      out.write(text.length());
      out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.writeBytes(
        new byte[] {
          (byte) (payload.length >> 16),
          (byte) (payload.length >> 8),
          (byte) payload.length,
          (byte) type,
          (byte) flags,
          0,
          0,
          0,
          (byte) stream
        });
    out.writeBytes(payload);
  }

  static boolean isServing(DataInputStream in) throws IOException {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      if (length > MAX_FRAME) {
        throw new IOException("a frame of " + length + " bytes");
      }
      var payload = in.readNBytes(length);
      if (type == DATA && stream == 1) {
        int at = GRPC_PREFIX + ((flags & PADDED) == 0 ? 0 : 1);
        return payload.length >= at + 2 && payload[at] == 0x08 && payload[at + 1] == SERVING;
      }
      boolean refused = type == GOAWAY || type == HEADERS && (flags & END_STREAM) != 0;
      if (refused) {
        return false;
      }
    }
  }
}
