package dev.kiri.hbone.conformance;

import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// This library's pool on loopback as the examined client, behind a socket of which every
/// connection becomes a stream, as in a ztunnel. Thread-safe; close it.
public final class SelfClient implements ClientSubject {
  private static final SpiffeId CLIENT = SpiffeId.of("cluster.local", "default", "client");
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");

  private final ExamAuthority authority = ExamAuthority.create("conformance");
  private final ServerSocket tunnels;
  private final NettyTransport transport;
  private final EventLoopGroup loops;
  private final HbonePool pool;
  private final Channel listener;
  private final Duration handshakeLimit;

  /// Starts it; ports are the system's choice.
  public SelfClient(NettyTransport.Kind kind, TlsSettings tls, TunnelSettings settings) {
    transport = NettyTransport.choose(kind);
    handshakeLimit = settings.handshakeTimeout();
    loops = transport.newLoops(1, "examined");
    var contexts = TlsContexts.of(authority.issue(CLIENT, authority.certificate()), tls);
    var defaults = PoolSettings.DEFAULT.withTunnel(settings);
    pool = new HbonePool(defaults, () -> transport.newSocket().get(), _ -> contexts);
    try {
      tunnels = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var at = (InetSocketAddress) tunnels.getLocalSocketAddress();
    var key = new TunnelKey(CLIENT, List.of(SERVER), at, null);
    var request = ConnectRequest.to(Authority.of(at));
    listener =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    var bridge = StreamBridge.attach(channel, BridgeObserver.NONE);
                    pool.open(channel.eventLoop(), key, request, bridge.handler());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  @Override
  public ServerSocket tunnels() {
    return tunnels;
  }

  @Override
  public ExamAuthority authority() {
    return authority;
  }

  @Override
  public SpiffeId server() {
    return SERVER;
  }

  /// Where a connection becomes a stream.
  InetSocketAddress drive() {
    return (InetSocketAddress) listener.localAddress();
  }

  @Override
  public ApplicationSocket connect() throws IOException {
    return ApplicationSocket.plain(drive(), limit());
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
  public void close() {
    pool.close();
    listener.close().syncUninterruptibly();
    transport.shutDown(loops, Duration.ofSeconds(5)).awaitUninterruptibly(6, TimeUnit.SECONDS);
    try {
      tunnels.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
