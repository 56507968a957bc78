package dev.kiri.redirect.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NamespaceSocketsTest {
  private static final int MARK = 123;

  @ParameterizedTest
  @EnumSource(SocketTransport.class)
  void a_listener_and_a_client_meet_inside_the_pod_and_carry_the_mark(SocketTransport transport)
      throws Exception {
    var home = HomeNetns.ofThisThread();
    var loops = loops(transport);
    try (var pod = Namespaces.create(home)) {
      var sockets = new NamespaceSockets(pod, transport, new SocketSettings(MARK, true));
      var accepted = new CompletableFuture<Channel>();
      var server = listen(loops, sockets, accepted);
      var port = ((InetSocketAddress) server.localAddress()).getPort();

      var client =
          new Bootstrap()
              .group(loops)
              .channelFactory(sockets::newChannel)
              .handler(new ChannelInboundHandlerAdapter())
              .connect("127.0.0.1", port)
              .sync()
              .channel();

      var child = accepted.get(5, TimeUnit.SECONDS);
      assertThat(server.config().getOption(LinuxOptions.SO_MARK)).isEqualTo(MARK);
      assertThat(server.config().getOption(UnixChannelOption.SO_REUSEPORT)).isTrue();
      assertThat(client.config().getOption(LinuxOptions.SO_MARK)).isEqualTo(MARK);
      assertThat(child.config().getOption(LinuxOptions.SO_MARK)).isEqualTo(MARK);
      assertThat(OriginalDestination.of(child)).isEqualTo(child.localAddress());
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
          .isInstanceOf(ConnectException.class);
      client.close().sync();
      server.close().sync();
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  @ParameterizedTest
  @EnumSource(SocketTransport.class)
  void datagram_sockets_share_their_port_only_when_asked(SocketTransport transport)
      throws Exception {
    var home = HomeNetns.ofThisThread();
    var loops = loops(transport);
    try (var pod = Namespaces.create(home)) {
      var sharing = new NamespaceSockets(pod, transport, new SocketSettings(MARK, true));
      var shared = sharing.newDatagramListener();
      var alone = sharing.newDatagramChannel();
      var first =
          new NamespaceSockets(pod, transport, new SocketSettings(MARK, false))
              .newDatagramListener();

      assertThat(shared.config().getOption(UnixChannelOption.SO_REUSEPORT)).isTrue();
      assertThat(alone.config().getOption(UnixChannelOption.SO_REUSEPORT)).isFalse();
      assertThat(first.config().getOption(UnixChannelOption.SO_REUSEPORT)).isFalse();
      assertThat(alone.config().getOption(LinuxOptions.SO_MARK)).isEqualTo(MARK);
      for (var socket : List.of(shared, alone, first)) {
        socket.unsafe().closeForcibly();
      }
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  @ParameterizedTest
  @EnumSource(SocketTransport.class)
  void no_socket_is_made_in_a_pod_that_is_gone(SocketTransport transport) throws Exception {
    var loops = loops(transport);
    try {
      var pod = Namespaces.create(HomeNetns.ofThisThread());
      pod.close();

      assertThatThrownBy(
              () -> new NamespaceSockets(pod, transport, SocketSettings.ofZtunnel()).newChannel())
          .isInstanceOf(ChannelException.class)
          .hasMessageContaining(pod.id().toString());
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static Channel listen(
      EventLoopGroup loops, NamespaceSockets sockets, CompletableFuture<Channel> accepted)
      throws InterruptedException {
    return new ServerBootstrap()
        .group(loops)
        .channelFactory(sockets::newServerChannel)
        .childHandler(new Announce(accepted))
        .bind(0)
        .sync()
        .channel();
  }

  private static final class Announce extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Channel> accepted;

    Announce(CompletableFuture<Channel> accepted) {
      this.accepted = accepted;
    }

    @Override
    public void channelActive(io.netty.channel.ChannelHandlerContext ctx) {
      accepted.complete(ctx.channel());
    }
  }

  private static EventLoopGroup loops(SocketTransport transport) {
    IoHandlerFactory factory =
        switch (transport) {
          case EPOLL -> {
            assumeTrue(Epoll.isAvailable(), "epoll: " + Epoll.unavailabilityCause());
            yield EpollIoHandler.newFactory();
          }
          case IO_URING -> {
            assumeTrue(IoUring.isAvailable(), "io_uring: " + IoUring.unavailabilityCause());
            yield IoUringIoHandler.newFactory();
          }
        };
    return new MultiThreadIoEventLoopGroup(1, factory);
  }
}
