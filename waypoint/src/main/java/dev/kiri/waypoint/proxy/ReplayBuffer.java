package dev.kiri.waypoint.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// What was received of a request's body, for another try. Given up when it grows too large, or
/// when an answer has begun.
final class ReplayBuffer {
  /// Enough for most bodies; a rule that asks for retries gets [#RETRY_LIMIT] (Envoy's buffer
  /// limit).
  static final int SMALL_LIMIT = 64 * 1024;

  static final int RETRY_LIMIT = 1024 * 1024;

  private final int limit;
  private @Nullable ByteBuf kept;
  private boolean given;

  ReplayBuffer(int limit) {
    this.limit = limit;
  }

  /// Keeps a copy.
  ///
  /// @param needed whether nobody else has these bytes, so that they are kept whatever the limit
  void keep(ByteBuf payload, boolean needed) {
    if (given) {
      return;
    }
    ByteBuf buffer = kept;
    int size = buffer == null ? 0 : buffer.readableBytes();
    if (!needed && size + payload.readableBytes() > limit) {
      giveUp();
      return;
    }
    if (buffer == null) {
      buffer = Unpooled.buffer(payload.readableBytes());
      kept = buffer;
    }
    buffer.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
  }

  /// Whether all of the body so far can be sent again.
  boolean complete() {
    return !given;
  }

  /// A view of what is kept, null when nothing is.
  @Nullable ByteBuf view() {
    ByteBuf buffer = kept;
    return buffer == null ? null : buffer.duplicate();
  }

  void giveUp() {
    given = true;
    ByteBuf buffer = kept;
    kept = null;
    if (buffer != null) {
      buffer.release();
    }
  }
}
