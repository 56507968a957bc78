package dev.kiri.waypoint.proxy;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the server name out of a TLS client's first bytes (RFC 8446 4.1.2, RFC 6066 3), which are
/// passed on as they are. Pure; looks at no more than [#MAX] bytes of a handshake.
final class ClientHello {
  /// Post-quantum key shares make hellos of some KiB; a handshake message of 16 KiB is none.
  static final int MAX = 16 * 1024;

  private static final int RECORD_HEAD = 5;
  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_NAME = 0;

  /// What is known so far.
  sealed interface Verdict {
    /// More bytes are needed.
    record More() implements Verdict {}

    /// A whole hello; null: it names no server.
    record Hello(@Nullable String serverName) implements Verdict {}

    /// Not the beginning of a TLS connection.
    record NotTls() implements Verdict {}
  }

  private static final Verdict MORE = new Verdict.More();
  private static final Verdict NOT_TLS = new Verdict.NotTls();

  private ClientHello() {}

  static Verdict look(ByteBuf first) {
    ByteBuf message = first.alloc().buffer(first.readableBytes());
    try {
      int at = first.readerIndex();
      int end = first.writerIndex();
      // A hello may be cut into several records.
      while (at < end) {
        if (first.getUnsignedByte(at) != HANDSHAKE
            || (at + 1 < end && first.getUnsignedByte(at + 1) != 3)) {
          return NOT_TLS;
        }
        if (at + RECORD_HEAD > end) {
          return MORE;
        }
        int length = first.getUnsignedShort(at + 3);
        if (length == 0 || length > MAX) {
          return NOT_TLS;
        }
        int present = Math.min(length, end - at - RECORD_HEAD);
        message.writeBytes(first, at + RECORD_HEAD, present);
        at += RECORD_HEAD + length;
        Verdict verdict = message(message);
        if (!(verdict instanceof Verdict.More)) {
          return verdict;
        }
      }
      return MORE;
    } finally {
      message.release();
    }
  }

  private static Verdict message(ByteBuf in) {
    if (in.readableBytes() < 4) {
      return MORE;
    }
    int length = in.getUnsignedMedium(1);
    if (in.getUnsignedByte(0) != CLIENT_HELLO || length > MAX) {
      return NOT_TLS;
    }
    if (in.readableBytes() < 4 + length) {
      return MORE;
    }
    try {
      return new Verdict.Hello(serverName(in.slice(4, length)));
    } catch (IndexOutOfBoundsException lengthsDisagree) {
      return NOT_TLS;
    }
  }

  private static @Nullable String serverName(ByteBuf hello) {
    hello.skipBytes(2 + 32);
    hello.skipBytes(hello.readUnsignedByte());
    hello.skipBytes(hello.readUnsignedShort());
    hello.skipBytes(hello.readUnsignedByte());
    if (!hello.isReadable()) {
      return null;
    }
    ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
      if (type == SERVER_NAME) {
        ByteBuf names = extension.readSlice(extension.readUnsignedShort());
        while (names.isReadable()) {
          boolean host = names.readUnsignedByte() == 0;
          ByteBuf name = names.readSlice(names.readUnsignedShort());
          if (host) {
            return name.toString(StandardCharsets.US_ASCII);
          }
        }
      }
    }
    return null;
  }
}
