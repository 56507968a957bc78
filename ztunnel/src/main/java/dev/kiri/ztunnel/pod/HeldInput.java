package dev.kiri.ztunnel.pod;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Keeps what arrives on an accepted channel until it is known where it goes.
///
/// Reading is off meanwhile, but epoll delivers what came with an early end of input all the same;
/// that is at most one read. Confined to the channel's loop.
final class HeldInput extends ChannelInboundHandlerAdapter {
  private final Queue<Object> messages = new ArrayDeque<>();
  private final Queue<Object> events = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;

  /// Begins to hold a channel's input.
  static HeldInput on(Channel channel) {
    var held = new HeldInput();
    channel.config().setAutoRead(false);
    channel.pipeline().addLast("held", held);
    return held;
  }

  /// Hands what was held to the handlers behind, and steps aside.
  void release() {
    var ctx = context;
    if (ctx == null || ctx.isRemoved()) {
      return;
    }
    boolean any = !messages.isEmpty();
    for (var message = messages.poll(); message != null; message = messages.poll()) {
      ctx.fireChannelRead(message);
    }
    if (any) {
      ctx.fireChannelReadComplete();
    }
    for (var event = events.poll(); event != null; event = events.poll()) {
      ctx.fireUserEventTriggered(event);
    }
    ctx.pipeline().remove(this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    messages.forEach(ReferenceCountUtil::release);
    messages.clear();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    messages.add(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // repeated on release
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    events.add(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
