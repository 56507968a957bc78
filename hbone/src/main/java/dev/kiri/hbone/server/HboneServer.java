package dev.kiri.hbone.server;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tunnel.Tunnel;
import dev.kiri.hbone.tunnel.TunnelHandshake;
import dev.kiri.hbone.tunnel.TunnelOwner;
import dev.kiri.hbone.tunnel.TunnelStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Serves tunnels on accepted TCP channels: TLS with a required client certificate, HTTP/2,
/// CONNECT. Thread-safe; each tunnel stays on the loop of its channel.
public final class HboneServer implements Served {
  private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(1 << 20, 2 << 20);

  private final ServerSettings settings;
  private final Supplier<@Nullable TlsContexts> tls;
  private final ConnectListener listener;
  private final ChannelHandler child = new Child();
  private final Set<Tunnel> tunnels = ConcurrentHashMap.newKeySet();
  private final Set<Channel> handshakes = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private volatile boolean draining;

  /// `tls` is asked for each accepted channel, on its loop; null closes the channel.
  public HboneServer(
      ServerSettings settings, Supplier<@Nullable TlsContexts> tls, ConnectListener listener) {
    this.settings = settings;
    this.tls = tls;
    this.listener = listener;
  }

  @Override
  public ChannelHandler childHandler() {
    return child;
  }

  /// Tells all peers to open no more streams; tunnels close when their streams have ended, what is
  /// left at `deadline` is closed. Completes when the last one has gone. Accept no more channels
  /// before.
  @Override
  public CompletionStage<Void> drain(Duration deadline) {
    draining = true;
    for (var tunnel : tunnels) {
      tunnel.loop().execute(tunnel::drain);
      tunnel
          .loop()
          .schedule(
              () -> tunnel.close("connection failed to drain within the timeout"),
              deadline.toMillis(),
              TimeUnit.MILLISECONDS);
    }
    for (var channel : handshakes) {
      channel.close();
    }
    completeIfDrained();
    return drained;
  }

  @Override
  public void closeAll(String text) {
    closeIf(_ -> true, text);
  }

  /// Closes the tunnels whose peer `revoked` says is no longer to be trusted, at once.
  public void closeIf(Predicate<TunnelPeer> revoked, String text) {
    for (var tunnel : tunnels) {
      if (revoked.test(tunnel.peer())) {
        tunnel.loop().execute(() -> tunnel.close(text));
      }
    }
  }

  /// Closes the tunnels whose peers are revoked by now, at once. Call it when the revocations have
  /// changed.
  public void closeRevoked() {
    for (var tunnel : tunnels) {
      tunnel.loop().execute(tunnel::closeIfRevoked);
    }
  }

  private void completeIfDrained() {
    if (draining && tunnels.isEmpty() && handshakes.isEmpty()) {
      drained.complete(null);
    }
  }

  @ChannelHandler.Sharable
  private final class Child extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      start(ctx);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      if (ctx.channel().isActive()) {
        start(ctx);
      }
    }

    private void start(ChannelHandlerContext ctx) {
      var channel = ctx.channel();
      ctx.pipeline().remove(this);
      var owner = new Owner(channel);
      var contexts = draining ? null : tls.get();
      if (contexts == null) {
        channel.close();
        owner.tlsFailed("tls handshake error: no certificate for this workload");
        return;
      }
      channel.config().setOption(ChannelOption.TCP_NODELAY, true);
      channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
      channel.config().setWriteBufferWaterMark(MARKS);
      handshakes.add(channel);
      TunnelHandshake.install(
          channel, contexts.server(channel.alloc()), settings.tunnel(), owner, false);
    }
  }

  private final class Owner implements TunnelOwner {
    private final Channel channel;
    private final @Nullable InetSocketAddress peer;
    private final @Nullable InetSocketAddress local;
    private @Nullable Future<?> patience;

    Owner(Channel channel) {
      this.channel = channel;
      this.peer = (InetSocketAddress) channel.remoteAddress();
      this.local = (InetSocketAddress) channel.localAddress();
    }

    void tlsFailed(String text) {
      if (peer != null && local != null) {
        listener.tlsFailed(peer, local, text);
      }
    }

    @Override
    public void opened(Tunnel tunnel) {
      handshakes.remove(channel);
      tunnels.add(tunnel);
      listener.tunnelOpened(tunnel.peer());
      if (draining) {
        tunnel.drain();
      }
      tunnel.closeIfRevoked(); // by a list that came during the handshake
      patience =
          tunnel
              .loop()
              .schedule(
                  () -> sendAway(tunnel),
                  settings.firstRequest().toMillis(),
                  TimeUnit.MILLISECONDS);
    }

    private void sendAway(Tunnel tunnel) {
      listener.neverAsked(
          tunnel.peer(), "no request within " + settings.firstRequest().toSeconds() + " s");
      tunnel.drain();
    }

    private void waitNoLonger() {
      if (patience != null) {
        patience.cancel(false);
        patience = null;
      }
    }

    @Override
    public void failed(HboneFailure failure, String text) {
      handshakes.remove(channel);
      if (failure instanceof HboneFailure.TlsRefused(var why) && peer != null) {
        listener.peerRejected(peer, why);
      }
      tlsFailed(text);
      completeIfDrained();
    }

    @Override
    public void requested(Tunnel tunnel, TunnelStream stream, ConnectRequest request) {
      waitNoLonger();
      listener.connect(new Incoming(request, stream));
    }

    @Override
    public void badRequest(TunnelPeer of, int status, String text) {
      waitNoLonger();
      listener.badRequest(of, status, text);
    }

    @Override
    public void closed(Tunnel tunnel, String text) {
      waitNoLonger();
      tunnels.remove(tunnel);
      listener.tunnelClosed(tunnel.peer(), text);
      completeIfDrained();
    }
  }
}
