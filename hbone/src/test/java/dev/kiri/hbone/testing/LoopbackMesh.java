package dev.kiri.hbone.testing;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.pool.ClientTls;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.PoolObserver;
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
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Two minimal proxies on loopback with real sockets and real TLS: what an application sends to
/// [#outbound()] arrives at `application` through a tunnel. Close it at the end of the test.
public final class LoopbackMesh implements AutoCloseable {

  /// What a test may vary.
  public record Options(
      NettyTransport.Kind transport,
      TlsSettings tls,
      TunnelSettings client,
      TunnelSettings server,
      int maxStreamsPerTunnel,
      int loops) {
    public static Options defaults() {
      return new Options(
          NettyTransport.Kind.EPOLL,
          TlsSettings.defaults(),
          TunnelSettings.DEFAULT,
          TunnelSettings.DEFAULT,
          100,
          1);
    }

    public Options with(TlsSettings.Engine engine, TunnelSettings.Records records) {
      return new Options(
          transport,
          tls.withEngine(engine),
          client.withRecords(records),
          server.withRecords(records),
          maxStreamsPerTunnel,
          loops);
    }

    /// At once on one tunnel, by the dialling end's bound.
    public Options withMaxStreams(int streams) {
      return new Options(transport, tls, client, server, streams, loops);
    }

    public Options withLoops(int count) {
      return new Options(transport, tls, client, server, maxStreamsPerTunnel, count);
    }

    @Override
    public String toString() {
      return tls.engine() + " with " + client.records() + " records over " + transport;
    }

    public Options with(NettyTransport.Kind other) {
      return new Options(other, tls, client, server, maxStreamsPerTunnel, loops);
    }

    public Options with(TunnelSettings onClient, TunnelSettings onServer) {
      return new Options(
          transport,
          tls,
          onClient.withRecords(client.records()),
          onServer.withRecords(server.records()),
          maxStreamsPerTunnel,
          loops);
    }
  }

  public static final SpiffeId CLIENT = SpiffeId.of("cluster.local", "default", "client");
  public static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");

  private final NettyTransport transport;
  private final EventLoopGroup loops;
  private final EventLoopGroup serverLoops;
  private final InetSocketAddress application;
  private final HbonePool pool;
  private final HboneServer server;
  private final InetSocketAddress tunnels;
  private final InetSocketAddress outbound;
  private final List<Channel> listeners = new ArrayList<>();
  public final AtomicInteger tunnelsOpened = new AtomicInteger();
  public final AtomicLong bytesSent = new AtomicLong();
  public final AtomicLong bytesReceived = new AtomicLong();
  public final AtomicInteger tunnelsClosed = new AtomicInteger();
  public final List<IncomingConnect> requests = Collections.synchronizedList(new ArrayList<>());
  public final List<String> tunnelEnds = Collections.synchronizedList(new ArrayList<>());
  public final List<String> badRequests = Collections.synchronizedList(new ArrayList<>());
  public final List<String> tlsFailures = Collections.synchronizedList(new ArrayList<>());
  private final List<Runnable> aborts = Collections.synchronizedList(new ArrayList<>());
  public final List<String> bridgeErrors = Collections.synchronizedList(new ArrayList<>());

  public static LoopbackMesh to(InetSocketAddress application, Options options) {
    var ca = TestCa.root("mesh");
    return new LoopbackMesh(
        application,
        options,
        ca.workload(CLIENT.namespace(), CLIENT.serviceAccount()),
        ca.workload(SERVER.namespace(), SERVER.serviceAccount()));
  }

  /// With certificates of the test's choice; the client still expects [#SERVER].
  public static LoopbackMesh between(
      InetSocketAddress application,
      Options options,
      WorkloadCertificate client,
      WorkloadCertificate server) {
    return new LoopbackMesh(application, options, client, server);
  }

  private LoopbackMesh(
      InetSocketAddress application,
      Options options,
      WorkloadCertificate clientCertificate,
      WorkloadCertificate serverCertificate) {
    this.application = application;
    transport = Transports.require(options.transport());
    loops = transport.newLoops(options.loops(), "outbound");
    serverLoops = transport.newLoops(options.loops(), "inbound");
    var clientTls = TlsContexts.of(clientCertificate, options.tls());
    var serverTls = TlsContexts.of(serverCertificate, options.tls());
    server = new HboneServer(new ServerSettings(options.server()), () -> serverTls, new Listener());
    tunnels = listen(serverLoops, server.childHandler());
    pool =
        new HbonePool(
            PoolSettings.DEFAULT
                .withTunnel(options.client())
                .withMaxStreamsPerTunnel(options.maxStreamsPerTunnel()),
            () -> transport.newSocket().get(),
            _ -> clientTls,
            new PoolObserver() {
              @Override
              public void tunnelOpened(TunnelKey key, TunnelPeer peer) {
                tunnelsOpened.incrementAndGet();
              }

              @Override
              public void tunnelClosed(TunnelKey key, String text) {
                tunnelsClosed.incrementAndGet();
              }
            });
    outbound =
        listen(
            loops,
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                accepted(channel);
              }
            });
  }

  private void accepted(Channel channel) {
    var bridge = StreamBridge.attach(channel, recording());
    pool.open(
        channel.eventLoop(), key(), ConnectRequest.to(Authority.of(application)), bridge.handler());
  }

  private BridgeObserver recording() {
    return new BridgeObserver() {
      @Override
      public void sent(long bytes) {
        bytesSent.addAndGet(bytes);
      }

      @Override
      public void received(long bytes) {
        bytesReceived.addAndGet(bytes);
      }

      @Override
      public void closed(@Nullable String errorText) {
        if (errorText != null) {
          bridgeErrors.add(errorText);
        }
      }
    };
  }

  /// The key of this mesh's only pair.
  public TunnelKey key() {
    return new TunnelKey(CLIENT, List.of(SERVER), tunnels, null);
  }

  public HbonePool pool() {
    return pool;
  }

  /// Another pool on the same kind of sockets; the caller closes it.
  public HbonePool newPool(PoolSettings settings, ClientTls tls) {
    return new HbonePool(settings, () -> transport.newSocket().get(), tls);
  }

  public HboneServer server() {
    return server;
  }

  public EventLoopGroup loops() {
    return loops;
  }

  /// Where an application connects.
  public InetSocketAddress outbound() {
    return outbound;
  }

  /// Where tunnels are accepted.
  public InetSocketAddress tunnels() {
    return tunnels;
  }

  /// Drops the connections of the accepting proxy, as a policy would.
  public void abortBridges() {
    List.copyOf(aborts).forEach(Runnable::run);
  }

  private InetSocketAddress listen(EventLoopGroup group, ChannelHandler child) {
    var channel =
        new ServerBootstrap()
            .group(group)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(child)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
    listeners.add(channel);
    return (InetSocketAddress) channel.localAddress();
  }

  @Override
  public void close() {
    pool.close();
    listeners.forEach(channel -> channel.close().syncUninterruptibly());
    transport.shutDown(loops, Duration.ofSeconds(5)).awaitUninterruptibly(6, TimeUnit.SECONDS);
    transport
        .shutDown(serverLoops, Duration.ofSeconds(5))
        .awaitUninterruptibly(6, TimeUnit.SECONDS);
  }

  /// The accepting proxy: dials whatever is asked for, on the tunnel's loop.
  private final class Listener implements ConnectListener {
    @Override
    public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
      tlsFailures.add(text);
    }

    @Override
    public void tunnelClosed(TunnelPeer peer, String text) {
      tunnelEnds.add(text);
    }

    @Override
    public void badRequest(TunnelPeer peer, int status, String text) {
      badRequests.add(status + " " + text);
    }

    @Override
    public void connect(IncomingConnect incoming) {
      requests.add(incoming);
      if (!(incoming.request().authority() instanceof Authority.Address(var address))) {
        incoming.refuse(503);
        return;
      }
      new Bootstrap()
          .group(incoming.loop())
          .channelFactory(() -> transport.newSocket().get())
          .handler(new Idle())
          .connect(address)
          .addListener(
              future -> {
                if (!future.isSuccess()) {
                  incoming.refuse(503);
                  return;
                }
                join(incoming, ((io.netty.channel.ChannelFuture) future).channel());
              });
    }

    private void join(IncomingConnect incoming, Channel dialled) {
      var bridge = StreamBridge.attach(dialled, recording());
      aborts.add(() -> dialled.eventLoop().execute(bridge::abort));
      HboneStream stream = incoming.accept(ConnectResponse.OK, bridge.handler());
      bridge.join(stream);
    }
  }

  /// A pipeline needs one handler to begin with.
  private static final class Idle extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {}
  }
}
