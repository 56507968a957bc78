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
import java.net.ConnectException;
import java.net.InetSocketAddress;

/// Plain TCP connections that behave like streams, for endpoints outside the mesh.
public final class PlainConnection {
  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

  private PlainConnection() {}

  /// Connects on `loop`; `handler` hears `opened` with 200, or only `closed`.
  public static void connect(
      EventLoop loop, NettyTransport transport, InetSocketAddress to, StreamHandler handler) {
    new Bootstrap()
        .group(loop)
        .channelFactory(() -> transport.newSocket().get())
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
        .handler(new ChannelInboundHandlerAdapter())
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
