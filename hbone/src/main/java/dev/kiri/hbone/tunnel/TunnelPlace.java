package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.StreamClosed;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The place of a tunnel in its channel's pipeline: the tunnel needs the context to be made.
/// Confined to the channel's loop.
final class TunnelPlace extends ChannelInboundHandlerAdapter {
  private @Nullable ChannelHandlerContext context;
  private final ArrayDeque<Object> kept = new ArrayDeque<>(2);
  private @Nullable Tunnel tunnel;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return context;
  }

  /// Passes on what has come so far, and everything from now on.
  void occupy(Tunnel next) {
    tunnel = next;
    for (var message = kept.pollFirst(); message != null; message = kept.pollFirst()) {
      next.received(message);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (tunnel == null) {
      kept.addLast(message);
    } else {
      tunnel.received(message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (tunnel != null) {
      tunnel.inactive();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (tunnel != null) {
      tunnel.broken(cause);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // the end of TLS is told by the record layer, the end of the socket by channelInactive, and
    // only the stream of another tunnel has more to say about its end
    if (tunnel != null && event instanceof StreamClosed why) {
      tunnel.carrierClosed(why);
    }
  }
}
