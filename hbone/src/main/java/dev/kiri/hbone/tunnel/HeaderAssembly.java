package dev.kiri.hbone.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// Puts a header block together that comes in HEADERS and CONTINUATION frames (RFC 9113 6.2, 6.10).
/// Bounded in bytes and in frames. Confined to one loop.
final class HeaderAssembly {
  // a block of 64 KiB needs four frames of 16 KiB; more is a flood of small ones
  private static final int MAX_CONTINUATIONS = 8;

  private final FrameSink sink;
  private final int limit;
  private int stream; // whose block is incomplete, or 0
  private boolean endStream;
  private int continuations;
  private @Nullable ByteBuf block;

  /// `limit` is the largest block in bytes.
  HeaderAssembly(FrameSink sink, int limit) {
    this.sink = sink;
    this.limit = limit;
  }

  /// A frame of this type may come now; between those of one block nothing else may.
  void require(int type, int of) throws TunnelError {
    if (stream == 0) {
      if (type == FrameType.CONTINUATION) {
        throw TunnelError.protocol("CONTINUATION without a header block");
      }
    } else if (type != FrameType.CONTINUATION || of != stream) {
      throw TunnelError.protocol("a header block of stream " + stream + " was interrupted");
    }
  }

  void headers(int of, int flags, ByteBuf payload) throws TunnelError {
    int pad = 0;
    if ((flags & FrameType.PADDED) != 0) {
      pad = payload.isReadable() ? payload.readUnsignedByte() : Integer.MAX_VALUE;
    }
    int fields = (flags & FrameType.PRIORITY_FIELDS) != 0 ? 5 : 0;
    if (pad > payload.readableBytes() - fields) {
      throw TunnelError.protocol("padding longer than its frame");
    }
    payload.skipBytes(fields);
    payload.writerIndex(payload.writerIndex() - pad);
    boolean ends = (flags & FrameType.END_STREAM) != 0;
    if ((flags & FrameType.END_HEADERS) != 0) {
      sink.headers(of, payload, ends);
      return;
    }
    stream = of;
    endStream = ends;
    continuations = 0;
    block = Unpooled.buffer(payload.readableBytes(), limit).writeBytes(payload);
  }

  void continuation(int flags, ByteBuf payload) throws TunnelError {
    var incomplete = block;
    if (incomplete == null) {
      throw TunnelError.protocol("CONTINUATION without a header block");
    }
    if (++continuations > MAX_CONTINUATIONS
        || incomplete.readableBytes() + payload.readableBytes() > limit) {
      throw TunnelError.calm("header block in too many or too large frames");
    }
    incomplete.writeBytes(payload);
    if ((flags & FrameType.END_HEADERS) != 0) {
      int of = stream;
      stream = 0;
      block = null;
      sink.headers(of, incomplete, endStream);
    }
  }
}
