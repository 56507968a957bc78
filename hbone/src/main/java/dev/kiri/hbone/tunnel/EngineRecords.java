package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.DirectMemory;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;

/// Records by Netty's `SslHandler`, which stays in the pipeline. Works with every engine.
final class EngineRecords implements RecordLayer {
  // sealed and unsealed output together, as the channel counts it
  private static final int BOUND = 2 << 20;

  private final ChannelHandlerContext context;
  private final Owner owner;
  private int pending;
  private boolean waiting;
  private boolean ended;

  EngineRecords(ChannelHandlerContext context, Owner owner) {
    this.context = context;
    this.owner = owner;
  }

  @Override
  public int room() {
    boolean ample = DirectMemory.level() == DirectMemory.Level.AMPLE;
    int room = pending > 0 && !ample ? 0 : Math.max(0, BOUND - pending);
    if (room == 0) {
      waiting = true;
    }
    return room;
  }

  @Override
  public void seal(ByteBuf plaintext) {
    int bytes = plaintext.readableBytes();
    if (bytes == 0 || ended) {
      plaintext.skipBytes(bytes);
      return;
    }
    var copy = context.alloc().directBuffer(bytes).writeBytes(plaintext);
    pending += bytes;
    ChannelPromise written = context.newPromise();
    written.addListener(
        _ -> {
          pending -= bytes;
          if (waiting && pending <= BOUND / 2) {
            waiting = false;
            owner.drained();
          }
        });
    context.write(copy, written);
  }

  @Override
  public void flush() {
    context.flush();
  }

  @Override
  public void received(ByteBuf plaintext) {
    try {
      owner.plaintext(plaintext);
    } finally {
      plaintext.release();
    }
  }

  @Override
  public ChannelFuture end() {
    ended = true;
    context.flush();
    var ssl = context.pipeline().get(SslHandler.class);
    return ssl == null ? context.newSucceededFuture() : ssl.closeOutbound();
  }

  @Override
  public void release() {}
}
