package dev.kiri.ztunnel.pod;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/// Reads what a SOCKS5 client says (RFC 1928). Pure; consumes only what it understood.
final class SocksReader {
  /// General failure.
  static final int FAILED = 1;

  /// The name has no address.
  static final int UNREACHABLE = 4;

  /// A command or form that is not supported.
  static final int UNSUPPORTED = 7;

  private static final int VERSION = 5;
  private static final int CONNECT = 1;
  private static final int IPV4 = 1;
  private static final int NAME = 3;
  private static final int IPV6 = 4;

  private SocksReader() {}

  /// What was said.
  sealed interface Said {
    /// Not enough yet.
    record More() implements Said {}

    /// Which methods of authentication it knows: none at all among them, or not.
    record Hello(boolean withoutAuthentication) implements Said {}

    /// Connect to an address.
    record Connect(InetSocketAddress target) implements Said {}

    /// Connect to a name.
    record ConnectByName(String host, int port) implements Said {}

    /// Nothing that can be done, with the code of the reply.
    record Refused(int code) implements Said {}
  }

  /// The first message.
  static Said hello(ByteBuf in) {
    int start = in.readerIndex();
    if (in.readableBytes() > 0 && in.getByte(start) != VERSION) {
      return new Said.Refused(UNSUPPORTED);
    }
    if (in.readableBytes() < 2 || in.readableBytes() < 2 + in.getUnsignedByte(start + 1)) {
      return new Said.More();
    }
    int methods = in.skipBytes(1).readUnsignedByte();
    boolean without = in.readSlice(methods).indexOf(0, methods, (byte) 0) >= 0;
    return new Said.Hello(without);
  }

  /// The second message.
  static Said request(ByteBuf in) {
    int start = in.readerIndex();
    if (in.readableBytes() > 1
        && (in.getByte(start) != VERSION || in.getByte(start + 1) != CONNECT)) {
      return new Said.Refused(UNSUPPORTED);
    }
    if (in.readableBytes() < 5) {
      return new Said.More();
    }
    int form = in.getByte(start + 3);
    int length =
        switch (form) {
          case IPV4 -> 4;
          case IPV6 -> 16;
          case NAME -> 1 + in.getUnsignedByte(start + 4);
          default -> 0;
        };
    if (length == 0) {
      return new Said.Refused(UNSUPPORTED);
    }
    if (in.readableBytes() < 4 + length + 2) {
      return new Said.More();
    }
    in.skipBytes(4);
    var address = new byte[length];
    in.readBytes(address);
    int port = in.readUnsignedShort();
    return form == NAME
        ? new Said.ConnectByName(
            new String(address, 1, length - 1, StandardCharsets.US_ASCII), port)
        : new Said.Connect(new InetSocketAddress(literal(address), port));
  }

  private static InetAddress literal(byte[] address) {
    try {
      return InetAddress.getByAddress(address); // an IPv4-mapped one becomes IPv4
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }
}
