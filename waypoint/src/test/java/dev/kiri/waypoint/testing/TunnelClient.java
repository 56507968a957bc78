package dev.kiri.waypoint.testing;

import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The client's half of a node proxy: connections to one of its fronts become CONNECT streams to a
/// waypoint.
public final class TunnelClient implements AutoCloseable {
  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
  private final EventLoopGroup loops = transport.newLoops(1, "client");
  private final List<Channel> fronts = new ArrayList<>();
  private final HbonePool pool;
  private final TunnelKey key;

  public TunnelClient(
      WorkloadCertificate certificate, SpiffeId waypoint, InetSocketAddress waypointAddress) {
    TlsContexts tls = TlsContexts.of(certificate, TlsSettings.defaults());
    pool = new HbonePool(PoolSettings.DEFAULT, () -> transport.newSocket().get(), _ -> tls);
    key = new TunnelKey(certificate.identity(), List.of(waypoint), waypointAddress, null);
  }

  /// Where to connect to reach `destination` through the waypoint.
  public InetSocketAddress front(InetSocketAddress destination) {
    Channel bound =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    StreamBridge bridge = StreamBridge.attach(channel, TunnelledNode.SILENT);
                    pool.open(
                        channel.eventLoop(),
                        key,
                        ConnectRequest.to(Authority.of(destination)),
                        bridge.handler());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    fronts.add(bound);
    return (InetSocketAddress) bound.localAddress();
  }

  @Override
  public void close() {
    fronts.forEach(front -> front.close().awaitUninterruptibly());
    pool.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
