package io.netty.channel.epoll;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.transport.NettyTransport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// All of it within one task of the loop, so that no wait of the loop can have helped.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class ReadinessTest {
  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
  private final EventLoopGroup loops = transport.newLoops(1, "readiness");

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
  void a_connect_to_this_machine_is_complete_at_once() throws Exception {
    try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var target = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());

      boolean connected =
          onLoop(
              () -> {
                var connecting = register(new Reading());
                var outcome = connecting.connect(target);
                Readiness.connected(connecting);
                boolean active = connecting.isActive() && outcome.isSuccess();
                connecting.close();
                return active;
              });

      assertThat(connected).isTrue();
    }
  }

  @Test
  void a_connect_that_is_refused_is_left_to_the_loop() throws Exception {
    InetSocketAddress nobody;
    try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      nobody = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    var outcome =
        onLoop(
            () -> {
              var connecting = register(new Reading());
              var attempt = connecting.connect(nobody);
              Readiness.connected(connecting);
              return attempt;
            });

    assertThat(outcome.awaitUninterruptibly().cause()).hasMessageContaining("refused");
  }

  @Test
  void what_has_arrived_is_read_at_once_with_reading_switched_off() throws Exception {
    var reading = new Reading();
    try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var target = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
      var channel = onLoop(() -> register(reading).connect(target)).sync().channel();
      try (var peer = listener.accept()) {
        peer.getOutputStream().write("there".getBytes(US_ASCII));

        String heard =
            onLoop(
                () -> {
                  Readiness.read(channel);
                  return reading.heard.toString();
                });

        assertThat(heard).isEqualTo("there");
      }
      channel.close().sync();
    }
  }

  private <T> T onLoop(Callable<T> task) {
    return loops.submit(task).syncUninterruptibly().getNow();
  }

  private Channel register(Reading handler) {
    var channel = transport.newSocket().get();
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(handler);
    loops.register(channel);
    return channel;
  }

  private static final class Reading extends ChannelInboundHandlerAdapter {
    final StringBuilder heard = new StringBuilder();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var bytes = (ByteBuf) message;
      heard.append(bytes.toString(US_ASCII));
      bytes.release();
    }
  }
}
