package dev.kiri.hbone.tunnel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/// The place of a tunnel in its channel's pipeline: the tunnel needs the context to be made.
/// Confined to the channel's loop.
final class TunnelPlace extends ChannelInboundHandlerAdapter {
  private @Nullable ChannelHandlerContext context;
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

  void occupy(Tunnel next) {
    tunnel = next;
  }

  private Tunnel tunnel() {
    if (tunnel == null) {
      throw new IllegalStateException("not occupied");
    }
    return tunnel;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    tunnel().received(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    tunnel().inactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    tunnel().broken(cause);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // the end of TLS is told by the record layer, the end of the socket by channelInactive
  }
}
