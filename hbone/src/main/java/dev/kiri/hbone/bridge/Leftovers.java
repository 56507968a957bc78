package dev.kiri.hbone.bridge;

import dev.kiri.hbone.HboneStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Bytes that a stream did not take, in their own memory. Bounded by one read: while there are any,
/// the bridge reads no more. Confined to one loop.
final class Leftovers {
  private @Nullable ArrayDeque<ByteBuf> queue;
  private long bytes;

  boolean isEmpty() {
    return bytes == 0;
  }

  long bytes() {
    return bytes;
  }

  void add(ByteBuf borrowed) {
    int length = borrowed.readableBytes();
    if (length == 0) {
      return;
    }
    var all = queue;
    if (all == null) {
      all = new ArrayDeque<>(2);
      queue = all;
    }
    all.addLast(Unpooled.directBuffer(length).writeBytes(borrowed));
    bytes += length;
  }

  /// Answers whether everything was taken.
  boolean send(HboneStream to) {
    var all = queue;
    if (all == null) {
      return true;
    }
    for (var next = all.peekFirst(); next != null; next = all.peekFirst()) {
      int before = next.readableBytes();
      boolean taken = to.writeScratch(next);
      bytes -= before - next.readableBytes();
      if (!taken) {
        return false;
      }
      all.removeFirst();
      next.release();
    }
    queue = null;
    return true;
  }

  /// Writes as much as is taken, and keeps all. Answers how many bytes were taken.
  int copy(HboneStream to) {
    int taken = 0;
    if (queue != null) {
      for (var next : queue) {
        var view = next.duplicate();
        boolean all = to.write(view);
        taken += view.readerIndex() - next.readerIndex();
        if (!all) {
          break;
        }
      }
    }
    return taken;
  }

  /// Drops this many bytes from the front, or what there is.
  void drop(int count) {
    var all = queue;
    if (all == null) {
      return;
    }
    int left = count;
    for (var next = all.peekFirst(); next != null && left > 0; next = all.peekFirst()) {
      int part = Math.min(left, next.readableBytes());
      next.skipBytes(part);
      left -= part;
      bytes -= part;
      if (!next.isReadable()) {
        all.removeFirst();
        next.release();
      }
    }
  }

  /// Hands everything over, borrowed piece by piece.
  void deliver(Consumer<ByteBuf> to) {
    var all = queue;
    queue = null;
    bytes = 0;
    if (all != null) {
      for (var next : all) {
        try {
          to.accept(next);
        } finally {
          next.release();
        }
      }
    }
  }

  void release() {
    deliver(_ -> {});
  }
}
