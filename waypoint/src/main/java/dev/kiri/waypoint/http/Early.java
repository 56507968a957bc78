package dev.kiri.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Bytes that came before their turn. Their credit is not given back, so the peer's window bounds
/// them.
final class Early {
  private @Nullable ByteBuf kept;

  void keep(ByteBuf in) {
    ByteBuf buffer = kept;
    if (buffer == null) {
      buffer = Unpooled.buffer(in.readableBytes());
      kept = buffer;
    }
    buffer.writeBytes(in);
  }

  /// Gives back what was kept, in one piece.
  void replay(Consumer<ByteBuf> to) {
    ByteBuf buffer = kept;
    if (buffer != null) {
      kept = null;
      try {
        to.accept(buffer);
      } finally {
        buffer.release();
      }
    }
  }

  void release() {
    ByteBuf buffer = kept;
    if (buffer != null) {
      kept = null;
      buffer.release();
    }
  }
}
