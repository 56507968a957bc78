package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.bridge.TcpStream;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/// Plain TCP connections that behave like streams, for endpoints outside the mesh.
public final class PlainConnection {
  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

  private PlainConnection() {}

  /// Connects on `loop`; `handler` hears `opened` with 200, or only `closed`.
  public static void connect(
      EventLoop loop,
      NettyTransport transport,
      InetSocketAddress to,
      ConnectionRules rules,
      StreamHandler handler) {
    Duration limit = rules.connectTimeout();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(() -> transport.newSocket().get())
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                limit == null
                    ? CONNECT_TIMEOUT_MILLIS
                    : Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE))
            .handler(new ChannelInboundHandlerAdapter());
    ConnectionRules.KeepAlive keepAlive = rules.keepAlive();
    if (keepAlive != null) {
      keepAlive(bootstrap, transport.kind(), keepAlive);
    }
    bootstrap
        .connect(to)
        .addListener(
            (ChannelFuture done) -> {
              if (done.isSuccess()) {
                opened(done.channel(), handler);
              } else {
                handler.closed(new StreamClosed.Failed(failure(done.cause(), to)));
              }
            });
  }

  private static void keepAlive(
      Bootstrap bootstrap, NettyTransport.Kind kind, ConnectionRules.KeepAlive keepAlive) {
    bootstrap.option(ChannelOption.SO_KEEPALIVE, true);
    switch (kind) {
      case EPOLL -> {
        option(bootstrap, EpollChannelOption.TCP_KEEPCNT, keepAlive.probes());
        option(bootstrap, EpollChannelOption.TCP_KEEPIDLE, keepAlive.timeSeconds());
        option(bootstrap, EpollChannelOption.TCP_KEEPINTVL, keepAlive.intervalSeconds());
      }
      case IO_URING -> {
        option(bootstrap, IoUringChannelOption.TCP_KEEPCNT, keepAlive.probes());
        option(bootstrap, IoUringChannelOption.TCP_KEEPIDLE, keepAlive.timeSeconds());
        option(bootstrap, IoUringChannelOption.TCP_KEEPINTVL, keepAlive.intervalSeconds());
      }
      case NIO -> {
        option(
            bootstrap,
            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT),
            keepAlive.probes());
        option(
            bootstrap,
            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
            keepAlive.timeSeconds());
        option(
            bootstrap,
            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
            keepAlive.intervalSeconds());
      }
    }
  }

  private static void option(Bootstrap bootstrap, ChannelOption<Integer> option, int value) {
    if (value > 0) {
      bootstrap.option(option, value);
    }
  }

  private static void opened(Channel channel, StreamHandler handler) {
    var peer =
        new TunnelPeer(
            null,
            (InetSocketAddress) channel.remoteAddress(),
            (InetSocketAddress) channel.localAddress(),
            "");
    var stream = TcpStream.attach(channel, peer, handler);
    handler.opened(stream, ConnectResponse.OK);
    stream.begin();
  }

  private static HboneFailure failure(Throwable cause, InetSocketAddress to) {
    if (cause instanceof ConnectTimeoutException) {
      return new HboneFailure.ConnectTimedOut(to.getPort());
    }
    return new HboneFailure.Io(
        cause instanceof ConnectException ? "delayed connect error: 111" : cause.toString());
  }
}
