package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.ztunnel.share.PodShare;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Readiness;
import io.netty.util.concurrent.Future;
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
  private final PodShare share;

  PodDialer(NamespaceSockets sockets, SocketOptions options, PodShare share) {
    this.sockets = sockets;
    this.options = options;
    this.share = share;
  }

  /// A socket in the pod with its options set, for someone else to connect on this loop.
  ///
  /// @throws ChannelException when there are no descriptors left, or the pod is gone
  Channel newChannel() {
    var channel = sockets.newChannel();
    options.apply(channel);
    share.mark(channel);
    return channel;
  }

  /// Hears how a connection attempt ended, on its loop.
  interface Outcome {
    void connected(Channel channel);

    void failed(Throwable why);

    /// This machine has no socket for it, which says nothing about the target.
    void noSocket(Throwable why);
  }

  /// Connects, from `source` if one is given. A source that the machine refuses to bind is given up
  /// with a warning, as upstream does. The outcome is heard on the loop: later, or before this
  /// returns where the target is on this machine. The returned attempt can be cancelled.
  Future<?> dial(
      EventLoop loop,
      InetSocketAddress target,
      @Nullable InetAddress source,
      ChannelHandler handler,
      Outcome outcome) {
    Channel channel;
    try {
      channel = channel(source != null);
    } catch (ChannelException noSocket) {
      var cause = noSocket.getCause();
      loop.execute(() -> outcome.noSocket(cause == null ? noSocket : cause));
      return loop.newFailedFuture(noSocket);
    }
    channel.pipeline().addLast(handler);
    var attempt = new DefaultChannelPromise(channel, loop);
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
    connect(loop, channel, target, source, attempt);
    return attempt;
  }

  private static void connect(
      EventLoop loop,
      Channel channel,
      InetSocketAddress target,
      @Nullable InetAddress source,
      ChannelPromise attempt) {
    var from = source == null ? null : new InetSocketAddress(source, 0);
    loop.register(channel)
        .addListener(
            (ChannelFuture registered) -> {
              if (registered.isSuccess()) {
                channel
                    .connect(target, from, attempt)
                    .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                if (source != null) { // the application is in this pod
                  Readiness.connected(channel);
                }
              } else {
                attempt.tryFailure(registered.cause());
              }
            });
  }

  private Channel channel(boolean foreignSource) {
    var channel = newChannel();
    channel.config().setAutoRead(false);
    channel
        .config()
        .setConnectTimeoutMillis(Math.toIntExact(SocketOptions.CONNECT_TIMEOUT.toMillis()));
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
