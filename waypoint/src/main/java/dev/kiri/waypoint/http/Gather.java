package dev.kiri.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// One loop's scratch, in which a head and a small body meet so that they leave as one DATA frame.
/// It belongs to one output at a time; whoever takes it first sends what another left in it.
/// Confined to its loop.
public final class Gather {
  /// Room in front for the tunnel's frame header.
  private static final int FRONT = 16;

  private static final int FIRST_BYTES = 8 * 1024;

  /// Bodies up to this size are copied behind their head (waypoint experiment: one frame is worth
  /// the copy).
  static final int SMALL = 4 * 1024;

  /// Behind this many bytes more is not gathered.
  static final int FULL = 16 * 1024;

  /// Lives as long as its loop, so no detector of leaks needs to watch it.
  private final ByteBuf scratch =
      new UnpooledByteBufAllocator(true, true).directBuffer(FIRST_BYTES);
  private @Nullable StreamOutput owner;

  /// The scratch to append to, for this output from now on.
  ByteBuf take(StreamOutput output) {
    if (owner != output) {
      while (owner != null) {
        flush();
      }
      owner = output;
      scratch.setIndex(FRONT, FRONT);
    }
    return scratch;
  }

  boolean holdsFor(StreamOutput output) {
    return owner == output;
  }

  /// Sends what waits. To be called at the end of each turn.
  public void flush() {
    StreamOutput waiting = owner;
    if (waiting != null) {
      owner = null;
      waiting.sendGathered(scratch);
    }
  }

  /// Forgets what waits for an output that is gone.
  void forget(StreamOutput output) {
    if (owner == output) {
      owner = null;
    }
  }
}
