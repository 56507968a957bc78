package dev.kiri.hbone.conformance;

import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
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
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// This library's server on loopback as the examined side, with the rules that a ztunnel would have
/// (address, name, policy) over an application of its own. Thread-safe; close it.
public final class SelfServer implements ServerSubject {
  private static final String NAME = "server.default.svc.cluster.local";
  private static final int DENIED_PORT = 9;
  private static final Baggage DESCRIPTION =
      new Baggage("Kubernetes", "default", "pod", "server", "server", "v1", null, null);

  private final NettyTransport transport;
  private final EventLoopGroup loops;
  private final ExamAuthority authority = ExamAuthority.create("conformance");
  private final ExamAuthority second = ExamAuthority.create("conformance-second");
  private final EchoApplication echo = new EchoApplication(false);
  private final EchoApplication closing = new EchoApplication(true);
  private final Set<BigInteger> revoked = ConcurrentHashMap.newKeySet();
  private final Duration handshakeLimit;
  private final HboneServer server;
  private final Channel listener;
  private final List<String> log = new CopyOnWriteArrayList<>();

  /// Starts it; ports are the system's choice.
  public SelfServer(NettyTransport.Kind kind, TlsSettings tls, TunnelSettings settings) {
    transport = NettyTransport.choose(kind);
    loops = transport.newLoops(1, "examined");
    handshakeLimit = settings.handshakeTimeout();
    var certificate =
        authority.issue(
            SpiffeId.of("cluster.local", "default", "server"),
            authority.certificate(),
            second.certificate());
    var contexts =
        TlsContexts.of(
            certificate, tls.withRevocations((c, _) -> revoked.contains(c.getSerialNumber())));
    server = new HboneServer(new ServerSettings(settings), () -> contexts, new Rules());
    listener =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(server.childHandler())
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  /// Why tunnels ended, as the server's program hears it, oldest first.
  public List<String> log() {
    return log;
  }

  @Override
  public InetSocketAddress tunnels() {
    return (InetSocketAddress) listener.localAddress();
  }

  @Override
  public ExamAuthority authority() {
    return authority;
  }

  @Override
  public ExamAuthority secondAuthority() {
    return second;
  }

  @Override
  public SpiffeId client() {
    return SpiffeId.of("cluster.local", "default", "client");
  }

  @Override
  public String echo() {
    return Authority.of(echo.address()).toString();
  }

  @Override
  public String denied() {
    return echo.address().getAddress().getHostAddress() + ":" + DENIED_PORT;
  }

  @Override
  public String closing() {
    return Authority.of(closing.address()).toString();
  }

  @Override
  public String named() {
    return NAME + ":80";
  }

  @Override
  public Duration limit() {
    return Duration.ofSeconds(10);
  }

  @Override
  public Duration handshakeLimit() {
    return handshakeLimit;
  }

  @Override
  public Boolean describesItself() {
    return true;
  }

  /// New handshakes fail and the tunnels that stand end, as after a reload of a revocation list.
  @Override
  public boolean revoke(X509Certificate certificate) {
    revoked.add(certificate.getSerialNumber());
    server.closeIf(
        peer -> client().equals(peer.identity()),
        "connection closed: peer certificate revoked by CRL");
    return true;
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    transport.shutDown(loops, Duration.ofSeconds(5)).awaitUninterruptibly(6, TimeUnit.SECONDS);
    echo.close();
    closing.close();
  }

  private final class Rules implements ConnectListener {
    @Override
    public void connect(IncomingConnect incoming) {
      var to = decide(incoming);
      if (to == null) {
        return;
      }
      new Bootstrap()
          .group(incoming.loop())
          .channelFactory(() -> transport.newSocket().get())
          .handler(new ChannelInboundHandlerAdapter())
          .connect(to)
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  join(incoming, ((ChannelFuture) done).channel());
                } else {
                  incoming.refuse(503);
                }
              });
    }

    /// Where to dial; null if refused.
    private @Nullable InetSocketAddress decide(IncomingConnect incoming) {
      return switch (incoming.request().authority()) {
        case Authority.Address(var address)
            when !address.getAddress().equals(incoming.peer().local().getAddress()) ->
            refuse(incoming, 400);
        case Authority.Address(var address) when address.getPort() == DENIED_PORT ->
            refuse(incoming, 401);
        case Authority.Address(var address) -> address;
        case Authority.Host(var host, int port) ->
            host.equals(NAME) && port == 80 ? echo.address() : refuse(incoming, 503);
      };
    }

    private static @Nullable InetSocketAddress refuse(IncomingConnect incoming, int status) {
      incoming.refuse(status);
      return null;
    }

    private static void join(IncomingConnect incoming, Channel dialled) {
      var bridge = StreamBridge.attach(dialled, BridgeObserver.NONE);
      bridge.join(incoming.accept(new ConnectResponse(200, DESCRIPTION), bridge.handler()));
    }

    @Override
    public void tunnelClosed(TunnelPeer peer, String text) {
      log.add(text);
    }

    @Override
    public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
      log.add(text);
    }
  }
}
