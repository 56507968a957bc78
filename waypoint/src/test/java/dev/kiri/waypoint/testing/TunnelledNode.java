package dev.kiri.waypoint.testing;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The server's half of a node proxy for one pod: HBONE on port 15008 of the pod's address, every
/// stream joined with one application.
public final class TunnelledNode implements AutoCloseable {
  static final BridgeObserver SILENT =
      new BridgeObserver() {
        @Override
        public void sent(long bytes) {}

        @Override
        public void received(long bytes) {}

        @Override
        public void closed(@Nullable String errorText) {}
      };

  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
  private final EventLoopGroup loops = transport.newLoops(1, "node");
  private final Channel listener;

  public TunnelledNode(
      String address, WorkloadCertificate certificate, InetSocketAddress application) {
    TlsContexts tls = TlsContexts.of(certificate, TlsSettings.defaults());
    HboneServer server =
        new HboneServer(ServerSettings.DEFAULT, () -> tls, new Dial(transport, application));
    listener =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(server.childHandler())
            .bind(new InetSocketAddress(address, 15008))
            .syncUninterruptibly()
            .channel();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private record Dial(NettyTransport transport, InetSocketAddress application)
      implements ConnectListener {
    @Override
    public void connect(IncomingConnect incoming) {
      new Bootstrap()
          .group(incoming.loop())
          .channelFactory(() -> transport.newSocket().get())
          .handler(new ChannelInboundHandlerAdapter())
          .connect(application)
          .addListener(
              (ChannelFuture dialled) -> {
                if (dialled.isSuccess()) {
                  StreamBridge bridge = StreamBridge.attach(dialled.channel(), SILENT);
                  HboneStream stream = incoming.accept(ConnectResponse.OK, bridge.handler());
                  bridge.join(stream);
                } else {
                  incoming.refuse(503);
                }
              });
    }
  }
}
