package dev.kiri.waypoint.proxy;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Tells protocols apart by a client's first bytes. Pure.
final class Sniffer {
  /// What was recognised.
  enum Verdict {
    MORE,
    HTTP1,
    HTTP2,
    OTHER
  }

  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n".getBytes(StandardCharsets.US_ASCII);

  /// The longest method of the registry has 18 characters (UPDATEREDIRECTREF has 17).
  private static final int MAX_METHOD = 20;

  private Sniffer() {}

  static Verdict look(ByteBuf first) {
    Verdict preface = preface(first);
    if (preface != Verdict.OTHER) {
      return preface;
    }
    int length = first.readableBytes();
    for (int i = 0; i < length; i++) {
      byte b = first.getByte(first.readerIndex() + i);
      if (b == ' ') {
        return i >= 3 ? Verdict.HTTP1 : Verdict.OTHER;
      }
      if (!((b >= 'A' && b <= 'Z') || b == '-') || i >= MAX_METHOD) {
        return Verdict.OTHER;
      }
    }
    return Verdict.MORE;
  }

  /// HTTP2, MORE while it may still become that, OTHER.
  static Verdict preface(ByteBuf first) {
    int length = Math.min(first.readableBytes(), PREFACE.length);
    for (int i = 0; i < length; i++) {
      if (first.getByte(first.readerIndex() + i) != PREFACE[i]) {
        return Verdict.OTHER;
      }
    }
    return length == PREFACE.length ? Verdict.HTTP2 : Verdict.MORE;
  }
}
