package dev.kiri.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;

/// Questions that come on one connection, several at a time; answers leave in the order in which
/// they are known (RFC 7766). Confined to its loop.
///
/// While [#MAX_OPEN] are open, or answers are not taken, nothing more is read. A connection on
/// which nothing was asked for a while is closed, also one in the middle of a question.
final class TcpQuestions extends SimpleChannelInboundHandler<ByteBuf> {
  static final int MAX_OPEN = 32;

  private final Questions questions;
  private int open;

  TcpQuestions(Questions questions) {
    this.questions = questions;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
    open++;
    readOrWait(ctx);
    questions.ask(message, true, new Sender(ctx));
  }

  private void readOrWait(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(open < MAX_OPEN && ctx.channel().isWritable());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    readOrWait(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent && (open == 0 || !ctx.channel().isWritable())) {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private final class Sender implements Questions.Asker {
    private final ChannelHandlerContext ctx;

    Sender(ChannelHandlerContext ctx) {
      this.ctx = ctx;
    }

    @Override
    public void answer(ByteBuf answer) {
      open--;
      ctx.write(ctx.alloc().buffer(2).writeShort(answer.readableBytes()));
      ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      readOrWait(ctx);
    }

    /// What cannot even be refused ends the connection.
    @Override
    public void nothing() {
      open--;
      ctx.close();
    }
  }
}
