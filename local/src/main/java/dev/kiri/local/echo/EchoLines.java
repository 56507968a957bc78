package dev.kiri.local.echo;

import dev.kiri.local.api.Json;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Answers each line of a plain TCP connection with one line of JSON. Confined to its channel's
/// event loop. When the client has said its last line, the connection is closed after the answer.
final class EchoLines extends SimpleChannelInboundHandler<ByteBuf> {
  private static final int BODY_LIMIT = 1024;

  private final EchoIdentity who;
  private final boolean tls;

  EchoLines(EchoIdentity who, boolean tls) {
    this.who = who;
    this.tls = tls;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
    var bytes =
        ByteBufUtil.getBytes(line, line.readerIndex(), Math.min(line.readableBytes(), BODY_LIMIT));
    var seen =
        EchoAnswer.seen(
            who,
            "TCP",
            tls,
            Peer.of(ctx.channel()),
            "",
            "",
            "",
            Map.of(),
            new String(bytes, StandardCharsets.UTF_8));
    ctx.writeAndFlush(Unpooled.copiedBuffer(Json.line(seen) + "\n", StandardCharsets.UTF_8));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownReadComplete) {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> ctx.close());
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
