package dev.kiri.hbone.server;

import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.bridge.TcpHold;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Serves connections that the node's proxy has taken out of their tunnels: plain bytes behind a
/// header of PROXY protocol version 2 that says who the peer is and what it asked for (a sandwiched
/// waypoint, `ambient.istio.io/waypoint-inbound-binding: PROXY/<port>`). Thread-safe; each
/// connection stays on the loop of its channel.
///
/// The [ConnectListener] hears of each connection as of a CONNECT request for the header's
/// destination by a peer with the header's address and identity; refusing closes it. Nothing here
/// proves that identity: only the addresses that `trusted` accepts may send a header, by default
/// those of loopback, from which upstream's proxy comes (`LOCALHOST_APP_TUNNEL`). Whoever else
/// connects, a header that is malformed, too long (4 KiB) or incomplete after the handshake's
/// time, and one without addresses are refused: the listener hears `tlsFailed` with the reason.
public final class SandwichServer implements Served {
  private final Predicate<InetAddress> trusted;
  private final Duration headerTimeout;
  private final ConnectListener listener;
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private final ChannelHandler child = new Child();
  private volatile boolean draining;

  /// Trusts loopback.
  public SandwichServer(ServerSettings settings, ConnectListener listener) {
    this(settings, InetAddress::isLoopbackAddress, listener);
  }

  public SandwichServer(
      ServerSettings settings, Predicate<InetAddress> trusted, ConnectListener listener) {
    this.trusted = trusted;
    this.headerTimeout = settings.tunnel().handshakeTimeout();
    this.listener = listener;
  }

  @Override
  public ChannelHandler childHandler() {
    return child;
  }

  /// Completes when the last connection has ended; those that are left at `deadline` are closed.
  /// Accept no more channels before.
  @Override
  public CompletionStage<Void> drain(Duration deadline) {
    draining = true;
    for (var channel : channels) {
      channel
          .eventLoop()
          .schedule(
              (Runnable) channel::close, Math.max(0, deadline.toMillis()), TimeUnit.MILLISECONDS);
    }
    completeIfDrained();
    return drained;
  }

  private void completeIfDrained() {
    if (draining && channels.isEmpty()) {
      drained.complete(null);
    }
  }

  @Override
  public void closeAll(String text) {
    channels.forEach(Channel::close);
  }

  @ChannelHandler.Sharable
  private final class Child extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      begin(ctx);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      if (ctx.channel().isActive()) {
        begin(ctx);
      }
    }

    private void begin(ChannelHandlerContext ctx) {
      var channel = ctx.channel();
      channels.add(channel);
      channel
          .closeFuture()
          .addListener(
              _ -> {
                channels.remove(channel);
                completeIfDrained();
              });
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      channel.config().setOption(ChannelOption.TCP_NODELAY, true);
      var arrival = new Arrival(channel);
      ctx.pipeline().replace(this, null, arrival);
      arrival.begin();
    }
  }

  /// Reads the header. Confined to the channel's loop.
  private final class Arrival extends ByteToMessageDecoder {
    private final Channel channel;
    private final InetSocketAddress sender;
    private final InetSocketAddress local;
    private @Nullable Future<?> deadline;
    private @Nullable Sandwiched understood;
    private boolean over;

    Arrival(Channel channel) {
      this.channel = channel;
      this.sender = (InetSocketAddress) channel.remoteAddress();
      this.local = (InetSocketAddress) channel.localAddress();
    }

    void begin() {
      if (!trusted.test(sender.getAddress())) {
        refuse("sent by an address that is not trusted to send one");
        return;
      }
      deadline =
          channel
              .eventLoop()
              .schedule(
                  () -> refuse("not complete in time"),
                  headerTimeout.toMillis(),
                  TimeUnit.MILLISECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      if (over) {
        in.skipBytes(in.readableBytes());
        return;
      }
      switch (ProxyHeaderReader.read(in)) {
        case ProxyHeaderRead.Incomplete _ -> {}
        case ProxyHeaderRead.Relayed(var header, int length) -> {
          in.skipBytes(length);
          settle();
          understood = new Sandwiched(channel, request(header), peer(header));
          TcpHold.attach(channel);
          ctx.pipeline().remove(this); // what follows the header goes to the hold
        }
        case ProxyHeaderRead.Unaddressed _ -> refuse("without addresses");
        case ProxyHeaderRead.Local _ -> {
          settle();
          channel.close(); // a health check has nothing to ask for
        }
        case ProxyHeaderRead.Malformed(var why) -> refuse(why);
      }
    }

    private ConnectRequest request(ProxyHeader header) {
      return ConnectRequest.to(Authority.of(header.destination()));
    }

    private TunnelPeer peer(ProxyHeader header) {
      return new TunnelPeer(header.identity(), header.source(), local, "");
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
      if (understood != null) {
        listener.connect(understood);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      super.userEventTriggered(ctx, event);
      if (event instanceof ChannelInputShutdownEvent) {
        refuse("cut off");
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      super.channelInactive(ctx);
      refuse("cut off");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      refuse(String.valueOf(cause.getMessage()));
    }

    private void refuse(String why) {
      if (!over) {
        settle();
        listener.tlsFailed(sender, local, "PROXY protocol header: " + why);
        channel.close();
      }
    }

    private void settle() {
      over = true;
      if (deadline != null) {
        deadline.cancel(false);
      }
    }
  }
}
