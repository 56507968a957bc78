package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.transport.JoinedBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/// Bytes of a stream whose request has not been answered yet: copies, bounded by the stream's
/// window.
final class EarlyData {
  private final JoinedBytes bytes = new JoinedBytes(UnpooledByteBufAllocator.DEFAULT);

  void add(ByteBuf borrowed) {
    bytes.add(borrowed, borrowed.readerIndex(), borrowed.readableBytes());
  }

  void deliver(StreamHandler to) {
    for (var next = bytes.poll(); next != null; next = bytes.poll()) {
      try {
        to.data(next);
        to.dataComplete(); // until then it may still be looked at
      } finally {
        next.release();
      }
    }
  }

  void release() {
    bytes.release();
  }
}
