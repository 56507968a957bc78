package io.netty.channel.epoll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// Netty's defect and its absence. If the first test fails, Netty has been mended: delete the
/// workaround and this test with it.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class HalfCloseRegistrationTest {
  private static final int ANSWER = 8 << 20;
  private static final int CONNECTIONS = 10;

  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
  private final EventLoopGroup loops = transport.newLoops(1, "half-close");

  @BeforeEach
  void needsEpoll() {
    Assumptions.assumeTrue(
        transport.kind() == NettyTransport.Kind.EPOLL, "epoll is not available here");
  }

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void without_the_workaround_netty_loses_an_answer_that_follows_the_end_of_the_request()
      throws Exception {
    assertThat(wholeAnswers(_ -> {})).isLessThan(CONNECTIONS);
  }

  @Test
  void with_the_workaround_every_answer_arrives_whole() throws Exception {
    assertThat(wholeAnswers(HalfCloseRegistration::keep)).isEqualTo(CONNECTIONS);
  }

  /// How many of the connections got all of their answer.
  private int wholeAnswers(Consumer<Channel> onInputShutdown) throws IOException {
    var listener =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Answering(onInputShutdown));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    int whole = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
      whole += answer((InetSocketAddress) listener.localAddress()) == ANSWER ? 1 : 0;
    }
    listener.close().syncUninterruptibly();
    return whole;
  }

  private static int answer(InetSocketAddress from) throws IOException {
    try (var socket = new Socket(from.getAddress(), from.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(1);
      socket.shutdownOutput();
      return socket.getInputStream().readAllBytes().length;
    }
  }

  /// Answers in a later turn of the loop than the one in which the request ended.
  private static final class Answering extends ChannelInboundHandlerAdapter {
    private final Consumer<Channel> onInputShutdown;

    Answering(Consumer<Channel> onInputShutdown) {
      this.onInputShutdown = onInputShutdown;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        onInputShutdown.accept(ctx.channel());
      } else if (event instanceof ChannelInputShutdownReadComplete) {
        ctx.executor().schedule(() -> answer(ctx), 5, TimeUnit.MILLISECONDS);
      }
    }

    private static void answer(ChannelHandlerContext ctx) {
      ByteBuf answer = ctx.alloc().directBuffer(ANSWER).writeZero(ANSWER);
      ctx.writeAndFlush(answer).addListener(_ -> ctx.close());
    }
  }
}
