package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.StreamHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;

/// Bytes of a stream whose request has not been answered yet: copies, bounded by the stream's
/// window.
final class EarlyData {
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>(2);

  void add(ByteBuf borrowed) {
    if (borrowed.isReadable()) {
      queue.addLast(Unpooled.directBuffer(borrowed.readableBytes()).writeBytes(borrowed));
    }
  }

  void deliver(StreamHandler to) {
    for (var next = queue.pollFirst(); next != null; next = queue.pollFirst()) {
      try {
        to.data(next);
      } finally {
        next.release();
      }
    }
    to.dataComplete();
  }

  void release() {
    queue.forEach(ByteBuf::release);
    queue.clear();
  }
}
