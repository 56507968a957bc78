package dev.kiri.redirect.net;

import dev.kiri.redirect.netns.LinuxOptions;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.OriginalDestination;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.netns.SocketTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// The least that a node proxy does in a pod: takes what the rules send it, notes where it was
/// going, and carries it there: as itself when it leaves the pod, in its client's name when it
/// arrives.
public final class FakeZtunnel implements AutoCloseable {
  private static final int OUTBOUND = 15001;
  private static final int PLAINTEXT = 15006;
  private static final int HBONE = 15008;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<String> captured = new CopyOnWriteArrayList<>();
  private final NamespaceSockets sockets;

  private FakeZtunnel(PodNetns netns) throws InterruptedException {
    sockets = new NamespaceSockets(netns, SocketTransport.EPOLL, SocketSettings.ofZtunnel());
    for (var port : new int[] {OUTBOUND, PLAINTEXT, HBONE}) {
      listen(port);
    }
  }

  public static FakeZtunnel in(PodNetns netns) throws InterruptedException {
    return new FakeZtunnel(netns);
  }

  /// What was taken: `listener destination from client`, without the client's port.
  public List<String> captured() {
    return captured;
  }

  private void listen(int port) throws InterruptedException {
    new ServerBootstrap()
        .group(loops)
        .channelFactory(sockets::newServerChannel)
        .option(LinuxOptions.IP_TRANSPARENT, 1)
        .childOption(ChannelOption.AUTO_READ, false)
        .childHandler(new Accepted(port))
        .bind(port)
        .sync();
  }

  @io.netty.channel.ChannelHandler.Sharable
  private final class Accepted extends ChannelInboundHandlerAdapter {
    private final int port;

    Accepted(int port) {
      this.port = port;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      var destination = OriginalDestination.of(ctx.channel());
      var client = (InetSocketAddress) ctx.channel().remoteAddress();
      captured.add(
          "%d %s from %s".formatted(port, text(destination), client.getAddress().getHostAddress()));
      if (port == HBONE) {
        ctx.close();
        return;
      }
      var dialed = dial(ctx.channel(), destination, client);
      dialed.addListener(
          done -> {
            if (done.isSuccess()) {
              ctx.pipeline().replace(this, "relay", new Relay(dialed.channel()));
              ctx.channel().config().setAutoRead(true);
            } else {
              ctx.close();
            }
          });
    }

    private ChannelFuture dial(Channel from, InetSocketAddress to, InetSocketAddress client) {
      var bootstrap =
          new Bootstrap()
              .group(from.eventLoop())
              .channelFactory(sockets::newChannel)
              .handler(new Relay(from));
      if (port == OUTBOUND) {
        return bootstrap.connect(to);
      }
      var option =
          client.getAddress() instanceof Inet6Address
              ? LinuxOptions.IPV6_TRANSPARENT
              : LinuxOptions.IP_TRANSPARENT;
      return bootstrap.option(option, 1).connect(to, new InetSocketAddress(client.getAddress(), 0));
    }
  }

  private static final class Relay extends ChannelInboundHandlerAdapter {
    private final Channel other;

    Relay(Channel other) {
      this.other = other;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      other.writeAndFlush(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      other.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + " " + address.getPort();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
