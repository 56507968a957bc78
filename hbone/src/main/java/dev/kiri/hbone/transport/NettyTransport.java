package dev.kiri.hbone.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The sockets and event loops of a program. Immutable.
///
/// `newSocket` and `newServerSocket` make the descriptor at once, in the network namespace of the
/// calling thread.
public record NettyTransport(
    Kind kind,
    IoHandlerFactory ioHandler,
    Supplier<SocketChannel> newSocket,
    Supplier<ServerChannel> newServerSocket) {

  private static final long IO_URING_QUIET_MILLIS = 50;

  /// What is asked for.
  public enum Kind {
    EPOLL,
    IO_URING,
    NIO
  }

  /// The wanted transport if this machine has it, else the next best: epoll, then NIO.
  public static NettyTransport choose(Kind wanted) {
    if (wanted == Kind.IO_URING && IoUring.isAvailable()) {
      return new NettyTransport(
          Kind.IO_URING,
          IoUringIoHandler.newFactory(),
          IoUringSocketChannel::new,
          IoUringServerSocketChannel::new);
    }
    if (wanted != Kind.NIO && Epoll.isAvailable()) {
      return new NettyTransport(
          Kind.EPOLL,
          EpollIoHandler.newFactory(),
          EpollSocketChannel::new,
          EpollServerSocketChannel::new);
    }
    return new NettyTransport(
        Kind.NIO, NioIoHandler.newFactory(), NioSocketChannel::new, NioServerSocketChannel::new);
  }

  /// Single-threaded loops with memory of their own: tunnels and bridges live on these and no
  /// others. None that carries bulk is given anything new while another one does not. The caller
  /// shuts the group down.
  public EventLoopGroup newLoops(int loops, String prefix) {
    // io_uring has a quiet period, and waits for the kernel if told twice
    return new Loops(loops, LoopThread.named(prefix), ioHandler, kind != Kind.IO_URING);
  }

  /// Ends the loops behind what they have still to do, at `limit` at the latest. Channels that are
  /// being closed hear of it before. Wait for the end with a limit: Netty 4.2.18's io_uring loop
  /// waits for the kernel as the last thing it does, once in hundreds of times for ever.
  ///
  /// An io_uring channel is closed only when the kernel has given its buffer back, which is no task
  /// that a loop would wait for: its loops stay for a moment more. Without that, Netty 4.2.18
  /// cannot tell the channel any more, and logs a RejectedExecutionException.
  public Future<?> shutDown(EventLoopGroup loops, Duration limit) {
    long quiet = kind == Kind.IO_URING ? Math.min(limit.toMillis(), IO_URING_QUIET_MILLIS) : 0;
    return loops.shutdownGracefully(quiet, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// One loop per two cores, at least one: on two cores one loop carried a sixth to a quarter more
  /// requests than two.
  public static int defaultLoops(int cores) {
    return Math.max(1, cores / 2);
  }
}
