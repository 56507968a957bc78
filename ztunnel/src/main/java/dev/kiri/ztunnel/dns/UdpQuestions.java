package dev.kiri.ztunnel.dns;

import dev.kiri.ztunnel.dns.DnsMetrics.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;

/// Questions that come in packets. An answer that the socket does not take is dropped: the client
/// asks again. Confined to its loop.
final class UdpQuestions extends SimpleChannelInboundHandler<DatagramPacket> {
  private final Questions questions;

  UdpQuestions(Questions questions) {
    this.questions = questions;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    var sender = packet.sender();
    if (sender.getPort() == ((InetSocketAddress) ctx.channel().localAddress()).getPort()) {
      return; // two name services that answer each other would never end
    }
    questions.ask(packet.content(), false, new Sender(ctx, sender));
  }

  private final class Sender implements Questions.Asker {
    private final ChannelHandlerContext ctx;
    private final InetSocketAddress client;

    Sender(ChannelHandlerContext ctx, InetSocketAddress client) {
      this.ctx = ctx;
      this.client = client;
    }

    @Override
    public void answer(ByteBuf answer) {
      if (ctx.channel().isWritable()) {
        ctx.writeAndFlush(new DatagramPacket(answer, client), ctx.voidPromise());
      } else {
        questions.metrics().refused(Refusal.UNREAD);
        answer.release();
      }
    }

    @Override
    public void nothing() {}
  }

  /// A client that is gone already makes sending fail, and nothing else of it.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    questions.metrics().refused(Refusal.UNREAD);
  }
}
