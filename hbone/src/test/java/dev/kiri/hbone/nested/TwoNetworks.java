package dev.kiri.hbone.nested;

import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.blocking.SocketListener;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.client.ClientSettings;
import dev.kiri.hbone.client.GatewayTarget;
import dev.kiri.hbone.client.HboneClient;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.testing.Transports;
import dev.kiri.hbone.tls.Revocations;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A client, and in another network a workload behind a gateway that passes inner tunnels on
/// without reading them: three programs with real sockets. Close it at the end of the test.
final class TwoNetworks implements AutoCloseable {
  static final SpiffeId GATEWAY = SpiffeId.of("cluster.local", "istio-system", "gateway");
  static final SpiffeId WORKLOAD = SpiffeId.of("cluster.local", "shop", "cart");
  static final SpiffeId CLIENT = SpiffeId.of("cluster.local", "default", "client");
  static final String HOST = "cart.shop.svc.cluster.local:8080";

  final List<IncomingConnect> atGateway = new CopyOnWriteArrayList<>();
  final List<IncomingConnect> atWorkload = new CopyOnWriteArrayList<>();
  final List<String> refusedAtWorkload = new CopyOnWriteArrayList<>();
  final AtomicInteger gatewayTunnels = new AtomicInteger();
  final AtomicInteger workloadTunnels = new AtomicInteger();
  final AtomicInteger workloadTunnelsClosed = new AtomicInteger();
  final ListeningServer gateway;
  final ListeningServer workload;
  final HboneClient client;
  private final NettyTransport transport;
  private volatile InetSocketAddress behind;

  /// What a test may vary.
  record Options(
      NettyTransport.Kind transport,
      TlsSettings tls,
      Revocations atClient,
      PoolSettings pool,
      SocketListener.Decision decision) {
    static Options defaults() {
      return new Options(
          NettyTransport.Kind.EPOLL,
          TlsSettings.defaults(),
          Revocations.NONE,
          PoolSettings.DEFAULT,
          _ -> 200);
    }
  }

  TwoNetworks(Options options, SocketListener.Service service) throws IOException {
    var ca = TestCa.root("mesh");
    transport = Transports.require(options.transport());
    var listen = new ListenSettings(ServerSettings.DEFAULT, options.tls(), options.transport(), 1);
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var atThePod = ca.workload(WORKLOAD.namespace(), WORKLOAD.serviceAccount());
    var atTheEdge = ca.workload(GATEWAY.namespace(), GATEWAY.serviceAccount());
    var own = ca.workload(CLIENT.namespace(), CLIENT.serviceAccount());
    workload =
        ListeningServer.bind(
            loopback,
            () -> atThePod,
            listen,
            new SocketListener(
                incoming -> {
                  atWorkload.add(incoming);
                  return options.decision().statusFor(incoming);
                },
                service) {
              @Override
              public void tunnelOpened(TunnelPeer peer) {
                workloadTunnels.incrementAndGet();
              }

              @Override
              public void tunnelClosed(TunnelPeer peer, String text) {
                workloadTunnelsClosed.incrementAndGet();
              }

              @Override
              public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
                refusedAtWorkload.add(text);
              }
            });
    behind = workload.address();
    gateway = ListeningServer.bind(loopback, () -> atTheEdge, listen, new Gateway());
    client =
        new HboneClient(
            () -> own,
            new ClientSettings(
                options.pool(),
                options.tls().withRevocations(options.atClient()),
                options.transport(),
                1));
  }

  /// Where the gateway leads to from now on, instead of the workload.
  void behindTheGateway(InetSocketAddress other) {
    behind = other;
  }

  GatewayTarget target() {
    return target(List.of(GATEWAY), List.of(WORKLOAD));
  }

  GatewayTarget target(List<SpiffeId> atTheEdge, List<SpiffeId> behind) {
    var request = new ConnectRequest(Authority.parse(HOST), null, null, null, "network-1");
    return new GatewayTarget(gateway.address(), atTheEdge, behind, request);
  }

  @Override
  public void close() {
    client.close();
    gateway.close();
    workload.close();
  }

  /// Passes bytes on to the workload's tunnel port.
  private final class Gateway implements ConnectListener {
    @Override
    public void tunnelOpened(TunnelPeer peer) {
      gatewayTunnels.incrementAndGet();
    }

    @Override
    public void connect(IncomingConnect incoming) {
      atGateway.add(incoming);
      new Bootstrap()
          .group(incoming.loop())
          .channelFactory(() -> transport.newSocket().get())
          .handler(new ChannelInboundHandlerAdapter())
          .connect(behind)
          .addListener(
              done -> {
                if (!done.isSuccess()) {
                  incoming.refuse(503);
                  return;
                }
                var bridge =
                    StreamBridge.attach(((ChannelFuture) done).channel(), BridgeObserver.NONE);
                bridge.join(incoming.accept(ConnectResponse.OK, bridge.handler()));
              });
    }
  }
}
