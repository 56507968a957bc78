package dev.kiri.hbone.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.util.CharsetUtil;

/// The client's first bytes (RFC 9113 3.4), matched as they come. Confined to one loop.
final class Preface {
  static final byte[] CLIENT = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(CharsetUtil.US_ASCII);

  private int matched;

  Preface(boolean expected) {
    matched = expected ? 0 : CLIENT.length;
  }

  /// Consumes what belongs to the preface; answers whether it is complete.
  boolean read(ByteBuf in) throws TunnelError {
    while (matched < CLIENT.length && in.isReadable()) {
      if (in.readByte() != CLIENT[matched]) {
        throw TunnelError.protocol("no HTTP/2 client preface");
      }
      matched++;
    }
    return matched == CLIENT.length;
  }
}
