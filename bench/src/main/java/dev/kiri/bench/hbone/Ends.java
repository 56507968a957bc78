package dev.kiri.bench.hbone;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.conformance.ExamAuthority;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Both ends of HBONE on loopback: a pool that dials, a server that `listener` decides for, one
/// event loop each. Thread-safe; close it.
final class Ends implements AutoCloseable {
  /// How the threads of the loops are named.
  static final List<String> LOOPS = List.of("dialling", "accepting");

  private static final SpiffeId CLIENT = SpiffeId.of("cluster.local", "default", "client");
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");

  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
  private final EventLoopGroup dialling = transport.newLoops(1, LOOPS.getFirst());
  private final EventLoopGroup accepting = transport.newLoops(1, LOOPS.getLast());
  private final TlsContexts clientTls;
  private final HbonePool pool;
  private final TunnelKey key;

  /// With `streams` at once on one tunnel.
  Ends(ConnectListener listener, int streams) {
    var authority = ExamAuthority.create("bench");
    var root = authority.certificate();
    clientTls = TlsContexts.of(authority.issue(CLIENT, root), TlsSettings.defaults());
    var serverTls = TlsContexts.of(authority.issue(SERVER, root), TlsSettings.defaults());
    var settings = new ServerSettings(TunnelSettings.DEFAULT.withMaxStreams(streams));
    var server = new HboneServer(settings, () -> serverTls, listener);
    key = new TunnelKey(CLIENT, List.of(SERVER), listen(accepting, server.childHandler()), null);
    pool = newPool(streams);
  }

  /// Another pool on the same loop, with tunnels of its own.
  HbonePool newPool(int streams) {
    return new HbonePool(
        PoolSettings.DEFAULT.withMaxStreamsPerTunnel(streams),
        () -> transport.newSocket().get(),
        _ -> clientTls);
  }

  HbonePool pool() {
    return pool;
  }

  TunnelKey key() {
    return key;
  }

  /// The loop of the dialling end.
  EventLoop loop() {
    return dialling.next();
  }

  /// A socket of which every connection becomes a stream to `application`, as in a ztunnel.
  InetSocketAddress proxyTo(InetSocketAddress application) {
    var request = ConnectRequest.to(Authority.of(application));
    return listen(
        dialling,
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            var bridge = StreamBridge.attach(channel, BridgeObserver.NONE);
            pool.open(channel.eventLoop(), key, request, bridge.handler());
          }
        });
  }

  private InetSocketAddress listen(EventLoopGroup on, ChannelHandler child) {
    return (InetSocketAddress)
        new ServerBootstrap()
            .group(on)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(child)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel()
            .localAddress();
  }

  /// Dials what is asked for, as in a ztunnel.
  static ConnectListener dialler() {
    var transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
    return incoming -> {
      if (!(incoming.request().authority() instanceof Authority.Address(var address))) {
        incoming.refuse(400);
        return;
      }
      new Bootstrap()
          .group(incoming.loop())
          .channelFactory(() -> transport.newSocket().get())
          .handler(new ChannelInboundHandlerAdapter())
          .connect(address)
          .addListener(dialled -> join(incoming, (ChannelFuture) dialled));
    };
  }

  private static void join(IncomingConnect incoming, ChannelFuture dialled) {
    if (!dialled.isSuccess()) {
      incoming.refuse(503);
      return;
    }
    var bridge = StreamBridge.attach(dialled.channel(), BridgeObserver.NONE);
    HboneStream stream = incoming.accept(ConnectResponse.OK, bridge.handler());
    bridge.join(stream);
  }

  @Override
  public void close() {
    pool.close();
    dialling.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    accepting.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }
}
