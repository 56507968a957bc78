package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.ztunnel.share.NodeShares;
import dev.kiri.ztunnel.share.PodShare;
import dev.kiri.ztunnel.telemetry.Direction;
import dev.kiri.ztunnel.telemetry.Telemetry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listening sockets inside one pod: for each port one on every event loop, sharing the port,
/// so that a connection is accepted on the loop it lives on.
final class PodListeners {
  private static final int BACKLOG = 128; // same as upstream
  private static final Logger LOG = LoggerFactory.getLogger("proxy");

  private final NodeServices node;
  private final NamespaceSockets sockets;
  private final List<Channel> listeners = new ArrayList<>();
  private final PodShare share;
  private final AcceptErrors errors;
  private boolean transparent = true;

  PodListeners(NodeServices node, NamespaceSockets sockets, PodShare share) {
    this.node = node;
    this.sockets = sockets;
    this.share = share;
    this.errors = new AcceptErrors(node.shares().occasionally());
  }

  /// Listens on a port of all addresses; `accepted` gets each new channel on its loop, before
  /// anything is read. With `paused` nothing is accepted until [#resume].
  List<Channel> listen(
      int port, String component, Direction direction, boolean paused, Consumer<Channel> accepted)
      throws IOException {
    // both families where the pod has both
    return listen(new InetSocketAddress(port), component, direction, paused, accepted);
  }

  /// Listens at an address.
  List<Channel> listen(
      InetSocketAddress at,
      String component,
      Direction direction,
      boolean paused,
      Consumer<Channel> accepted)
      throws IOException {
    var bound = new ArrayList<Channel>();
    for (var loop : loops()) {
      bound.add(bind(loop, at, paused, initializer(direction, accepted)));
    }
    listeners.addAll(bound);
    LOG.atInfo()
        .addKeyValue("address", bound.getFirst().localAddress())
        .addKeyValue("component", component)
        .addKeyValue("transparent", transparent)
        .log("listener established");
    return bound;
  }

  /// Whether the listeners may take connections for foreign addresses, and so whether the process
  /// may also connect from them.
  boolean transparent() {
    return transparent;
  }

  /// Without shared ports a second listener cannot be: one loop then accepts for all.
  private List<EventLoop> loops() {
    return node.settings().reusePort() ? node.loops() : node.loops().subList(0, 1);
  }

  private Channel bind(
      EventLoop loop, InetSocketAddress at, boolean paused, ChannelInitializer<Channel> children)
      throws IOException {
    var bound =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(this::serverChannel)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, !paused)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new ServerChannelRecvByteBufAllocator()
                    .maxMessagesPerRead(NodeShares.ACCEPTS_PER_TURN))
            .handler(errors)
            .childHandler(children)
            .bind(at)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "failed to bind to address " + text(at) + ": " + OsErrors.text(bound.cause()),
          bound.cause());
    }
    return bound.channel();
  }

  private String text(InetSocketAddress at) {
    if (at.getAddress().isAnyLocalAddress()) {
      return (node.settings().ipv6() ? "[::]:" : "0.0.0.0:") + at.getPort();
    }
    return NetUtil.toSocketAddressString(at);
  }

  private io.netty.channel.ServerChannel serverChannel() {
    var channel = sockets.newServerChannel();
    node.settings().sockets().inherited(channel);
    if (node.settings().sourceAddress() != PodSettings.SourceAddress.OWN) {
      boolean set = SocketOptions.transparent(channel);
      transparent &= set;
      if (!set && node.settings().sourceAddress() == PodSettings.SourceAddress.PRESERVED) {
        channel.unsafe().closeForcibly();
        throw new ChannelException(
            "IP_TRANSPARENT was refused: the process needs CAP_NET_ADMIN or CAP_NET_RAW");
      }
    } else {
      transparent = false;
    }
    return channel;
  }

  private ChannelInitializer<Channel> initializer(Direction direction, Consumer<Channel> accepted) {
    var telemetry = node.telemetry();
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (!share.admit(channel, direction)) {
          channel.close();
          return;
        }
        channel.pipeline().remove(this); // it would take the end of a channel that is read at once
        share.mark(channel);
        SocketOptions.accepted(channel);
        count(telemetry, direction, channel);
        accepted.accept(channel);
      }
    };
  }

  private static void count(Telemetry telemetry, Direction direction, Channel channel) {
    telemetry.socketOpened(direction);
    channel.closeFuture().addListener(closed -> telemetry.socketClosed(direction));
  }

  /// Lets paused listeners accept.
  static void resume(List<Channel> paused) {
    paused.forEach(listener -> listener.config().setAutoRead(true));
  }

  /// Stops listening at once; accepted connections go on.
  CompletionStage<?> close() {
    var closed = new ArrayList<CompletableFuture<?>>();
    for (var listener : listeners) {
      var one = new CompletableFuture<Boolean>();
      listener.close().addListener(done -> one.complete(true));
      closed.add(one);
    }
    listeners.clear();
    return CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new));
  }
}
