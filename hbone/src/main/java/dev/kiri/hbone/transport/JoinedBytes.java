package dev.kiri.hbone.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Bytes that wait for somebody, joined: however small the pieces in which a peer sends them, they
/// take at most about twice their size in memory. Bounded by whoever adds. Confined to one loop.
public final class JoinedBytes {
  private static final int SMALLEST = 4_096; // of a buffer that is not the first

  private final ByteBufAllocator allocator;
  private @Nullable ArrayDeque<ByteBuf> queue;
  private long bytes;

  public JoinedBytes(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  public boolean isEmpty() {
    return bytes == 0;
  }

  public long bytes() {
    return bytes;
  }

  /// How many buffers there are.
  public int buffers() {
    return queue == null ? 0 : queue.size();
  }

  /// Copies; the memory is borrowed until the call returns.
  public void add(ByteBuf memory, int start, int length) {
    if (length == 0) {
      return;
    }
    var all = queue;
    if (all == null) {
      all = new ArrayDeque<>(2);
      queue = all;
    }
    var last = all.peekLast();
    if (last == null || last.writableBytes() < length) {
      int size = last == null ? length : Math.max(SMALLEST, length);
      last = allocator.directBuffer(size, size);
      all.addLast(last);
    }
    last.writeBytes(memory, start, length);
    bytes += length;
  }

  /// The first buffer, which is the caller's from now on; null if there is none.
  public @Nullable ByteBuf poll() {
    var all = queue;
    if (all == null) {
      return null;
    }
    var first = all.pollFirst();
    if (first != null) {
      bytes -= first.readableBytes();
    }
    if (all.isEmpty()) {
      queue = null;
    }
    return first;
  }

  public void release() {
    for (var next = poll(); next != null; next = poll()) {
      next.release();
    }
  }
}
