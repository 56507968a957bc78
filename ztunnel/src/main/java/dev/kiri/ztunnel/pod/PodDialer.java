package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.redirect.netns.NamespaceSockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens TCP connections from inside a pod. To be called on event loops; does not block.
final class PodDialer {
  private static final Logger LOG = LoggerFactory.getLogger(PodDialer.class);

  private final NamespaceSockets sockets;
  private final SocketOptions options;

  PodDialer(NamespaceSockets sockets, SocketOptions options) {
    this.sockets = sockets;
    this.options = options;
  }

  /// A socket in the pod with its options set, for someone else to connect.
  Channel newChannel() {
    var channel = sockets.newChannel();
    options.apply(channel);
    return channel;
  }

  /// Hears how a connection attempt ended, on its loop.
  interface Outcome {
    void connected(Channel channel);

    void failed(Throwable why);
  }

  /// Connects, from `source` if one is given. A source that the machine refuses to bind is given up
  /// with a warning, as upstream does. The returned attempt can be cancelled.
  ChannelFuture dial(
      EventLoop loop,
      InetSocketAddress target,
      @Nullable InetAddress source,
      ChannelHandler handler,
      Outcome outcome) {
    var attempt = connect(loop, target, source, handler);
    attempt.addListener(
        (ChannelFuture done) -> {
          if (done.isSuccess()) {
            outcome.connected(done.channel());
          } else if (source != null && couldNotBind(done.cause())) {
            LOG.warn("failed to bind local addr {}: {}", source, OsErrors.text(done.cause()));
            dial(loop, target, null, handler, outcome);
          } else {
            outcome.failed(done.cause());
          }
        });
    return attempt;
  }

  private ChannelFuture connect(
      EventLoop loop,
      InetSocketAddress target,
      @Nullable InetAddress source,
      ChannelHandler handler) {
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(() -> channel(source != null))
            .option(ChannelOption.AUTO_READ, false)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(SocketOptions.CONNECT_TIMEOUT.toMillis()))
            .handler(handler);
    return source == null
        ? bootstrap.connect(target)
        : bootstrap.connect(target, new InetSocketAddress(source, 0));
  }

  private Channel channel(boolean foreignSource) {
    var channel = newChannel();
    if (foreignSource) {
      try {
        SocketOptions.foreignSource(channel);
      } catch (ChannelException notPermitted) {
        LOG.warn("failed to set freebind: {}", OsErrors.text(notPermitted));
      }
    }
    return channel;
  }

  private static boolean couldNotBind(Throwable cause) {
    return cause instanceof BindException || String.valueOf(cause.getMessage()).startsWith("bind(");
  }
}
