package dev.kiri.hbone.blocking;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Bytes on their way from an event loop to a reading thread, joined so that small pieces cost
/// little more than their size. One thread adds, one takes; neither waits for the other. Bounded by
/// the stream's window.
final class Arrivals {
  private static final int SMALLEST = 4_096;

  /// Memory that is filled by the loop up to `written` and never shrinks. When `next` is set, the
  /// loop writes here no more.
  private static final class Part {
    private final byte[] bytes;
    private volatile int written;
    private volatile @Nullable Part next;

    Part(int size) {
      bytes = new byte[size];
    }
  }

  private Part last = new Part(0); // the loop's
  private long added; // the loop's
  private Part first = last; // the reader's, from `position`
  private int position;
  private long read; // the reader's count, which `taken` shows to the loop
  private volatile long taken;

  /// On the loop. Copies; the buffer is borrowed.
  void add(ByteBuf borrowed) {
    int length = borrowed.readableBytes();
    var to = last;
    if (to.bytes.length - to.written >= length) {
      fill(to, borrowed, length);
    } else {
      // alone a piece takes its own size; behind others there will be more
      to = append(added == taken ? length : Math.max(SMALLEST, length));
      fill(to, borrowed, length);
      if (length >= SMALLEST) {
        append(0); // so that nothing holds a large piece once it has been read
      }
    }
    added += length;
  }

  private Part append(int size) {
    var part = new Part(size);
    last.next = part;
    last = part;
    return part;
  }

  private static void fill(Part part, ByteBuf borrowed, int length) {
    int at = part.written;
    borrowed.readBytes(part.bytes, at, length);
    part.written = at + length;
  }

  /// On the reader's thread: the next bytes in their own array, null if there are none now.
  byte @Nullable [] poll() {
    if (available() == 0) {
      return null;
    }
    var from = first;
    int start = position;
    int end = from.written;
    position = end;
    read += end - start;
    taken = read;
    return start == 0 && end == from.bytes.length
        ? from.bytes
        : Arrays.copyOfRange(from.bytes, start, end);
  }

  /// On the reader's thread: how many bytes the next [#poll] would bring.
  int available() {
    while (true) {
      var from = first;
      var next = from.next; // read before `written`: with it set, `written` is final
      int bytes = from.written - position;
      if (bytes > 0 || next == null) {
        return bytes;
      }
      first = next;
      position = 0;
    }
  }
}
