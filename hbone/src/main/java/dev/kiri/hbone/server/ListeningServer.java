package dev.kiri.hbone.server;

import dev.kiri.hbone.identity.CertificateSource;
import dev.kiri.hbone.tls.CurrentTls;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A bound server with event loops of its own: all a program needs to serve inside a mesh.
/// Thread-safe.
public final class ListeningServer implements AutoCloseable {
  private final NettyTransport transport;
  private final EventLoopGroup loops;
  private final Served server;
  private final Channel channel;

  /// Binds and accepts at once. Clients must present a certificate of the own or an accepted trust
  /// domain; `listener` decides about each of their requests on an event loop.
  ///
  /// Blocks until bound; throws [IOException] if the address is taken.
  public static ListeningServer bind(
      InetSocketAddress address,
      CertificateSource certificates,
      ListenSettings settings,
      ConnectListener listener)
      throws IOException {
    var tls = new CurrentTls(certificates, settings.tls());
    return bind(address, settings, new HboneServer(settings.server(), tls, listener));
  }

  /// Like [#bind], sandwiched: the node's proxy ends the tunnels and connects here with a header of
  /// PROXY protocol version 2 ([SandwichServer]). No certificate is needed; only loopback is
  /// trusted to send a header.
  public static ListeningServer bindSandwiched(
      InetSocketAddress address, ListenSettings settings, ConnectListener listener)
      throws IOException {
    return bind(address, settings, new SandwichServer(settings.server(), listener));
  }

  private static ListeningServer bind(
      InetSocketAddress address, ListenSettings settings, Served server) throws IOException {
    var transport = NettyTransport.choose(settings.transport());
    var loops = transport.newLoops(settings.loops(), "hbone-server");
    var bound =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .option(ChannelOption.SO_BACKLOG, 1_024)
            .childHandler(server.childHandler())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      transport.shutDown(loops, Duration.ofSeconds(1));
      throw new IOException("cannot listen on " + address, bound.cause());
    }
    return new ListeningServer(transport, loops, server, bound.channel());
  }

  private ListeningServer(
      NettyTransport transport, EventLoopGroup loops, Served server, Channel channel) {
    this.transport = transport;
    this.loops = loops;
    this.server = server;
    this.channel = channel;
  }

  /// Where it listens, the port that was chosen included.
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /// Accepts no more and tells all peers; completes when the last stream has ended, at `deadline`
  /// at the latest. [#close()] it afterwards.
  public CompletionStage<Void> drain(Duration deadline) {
    channel.close().awaitUninterruptibly();
    return server.drain(deadline);
  }

  /// Closes the tunnels whose peers are revoked by now. Call it when the revocations have changed.
  public void closeRevoked() {
    if (server instanceof HboneServer tunnels) {
      tunnels.closeRevoked(); // sandwiched, the proxy in front does it
    }
  }

  /// Ends all tunnels at once, and the event loops.
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    server.closeAll("server closed");
    transport.shutDown(loops, Duration.ofSeconds(2));
  }
}
