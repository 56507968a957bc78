package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.DirectMemory;
import dev.kiri.hbone.transport.LoopMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Sealed records on their way into the socket: one buffer is filled while another one may wait to
/// be taken. Confined to one loop.
final class SealedOutput {
  static final int SEALED_RECORD = LoopMemory.SEALED / 64;

  private static final int BUFFERS = 2; // one on its way into the socket, one being filled
  private static final int CRITICAL_ROOM = 64 << 10; // of a tunnel whose socket takes everything

  private final ChannelHandlerContext context;
  private final RecordLayer.Owner owner;
  private final LoopMemory memory = LoopMemory.current();
  private final SealedAhead ahead = new SealedAhead();
  private @Nullable ByteBuf filling;
  private int underway; // buffers that the socket has not taken yet
  private boolean waiting;
  private boolean released;

  /// `owner` hears when there is room again after [#room] has answered 0.
  SealedOutput(ChannelHandlerContext context, RecordLayer.Owner owner) {
    this.context = context;
    this.owner = owner;
  }

  /// Bytes of plaintext that may be sealed now.
  int room() {
    int buffers = BUFFERS - underway;
    var level = DirectMemory.level();
    if (buffers <= 0 || underway > 0 && level != DirectMemory.Level.AMPLE) {
      waiting = true;
      return 0;
    }
    int used = filling == null ? 0 : filling.readableBytes();
    int most = level == DirectMemory.Level.CRITICAL ? CRITICAL_ROOM : buffers * ahead.bytes();
    int room = most - used;
    if (room <= 0) {
      waiting = true;
      return 0;
    }
    return room;
  }

  /// The buffer being filled, with room for at least one record.
  ByteBuf target() {
    var out = filling;
    if (out != null && out.writableBytes() < SEALED_RECORD) {
      flush();
      out = filling;
    }
    if (out == null) {
      out = memory.takeSealed();
      filling = out;
    }
    return out;
  }

  void flush() {
    var out = filling;
    if (out == null) {
      return;
    }
    filling = null;
    if (!out.isReadable() || wroteAll(out)) {
      memory.giveSealed(out);
      return;
    }
    if (out.readableBytes() <= LoopMemory.SEALED / 4) {
      // a peer that does not read pins what it was sent, not a buffer of a mebibyte
      var rest = Unpooled.directBuffer(out.readableBytes()).writeBytes(out);
      memory.giveSealed(out);
      context.writeAndFlush(rest, context.voidPromise());
      if (rest.refCnt() > 0) {
        whenGone(() -> {});
      }
      return;
    }
    context.writeAndFlush(out.retain(), context.voidPromise());
    if (out.refCnt() == 1) {
      memory.giveSealed(out);
    } else {
      whenGone(() -> memory.giveSealed(out));
    }
  }

  /// The socket is full: an empty write behind the last one tells when it has gone.
  private void whenGone(Runnable then) {
    underway++;
    long since = nanoTime();
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            (ChannelFutureListener)
                _ -> {
                  then.run();
                  underway--;
                  ahead.took(nanoTime() - since);
                  if (waiting && !released) {
                    waiting = false;
                    owner.drained();
                  }
                });
  }

  private long nanoTime() {
    return context.channel().eventLoop().ticker().nanoTime();
  }

  /// Writes straight to the socket if nothing waits before it; skips what it took.
  private boolean wroteAll(ByteBuf out) {
    var pending = context.channel().unsafe().outboundBuffer();
    if (underway == 0
        && pending != null
        && pending.isEmpty()
        && context.channel() instanceof EpollSocketChannel epoll
        && out.hasMemoryAddress()) {
      try {
        out.skipBytes(
            epoll.fd().writeAddress(out.memoryAddress(), out.readerIndex(), out.writerIndex()));
      } catch (IOException e) {
        return false; // Netty meets the same error with the rest and acts on it
      }
    }
    return !out.isReadable();
  }

  void release() {
    released = true;
    if (filling != null) {
      memory.giveSealed(filling);
      filling = null;
    }
  }
}
