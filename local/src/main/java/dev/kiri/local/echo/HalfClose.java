package dev.kiri.local.echo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/// Closes a connection whose client will send nothing more, unless a handler that may still have
/// something to answer closes it itself. Confined to its channel's event loop.
final class HalfClose extends ChannelInboundHandlerAdapter {
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ctx.fireUserEventTriggered(event);
    if (event instanceof ChannelInputShutdownEvent) {
      boolean answers =
          ctx.pipeline().get(EchoHttp.class) != null || ctx.pipeline().get(EchoLines.class) != null;
      if (!answers) {
        ctx.close();
      }
    }
  }
}
