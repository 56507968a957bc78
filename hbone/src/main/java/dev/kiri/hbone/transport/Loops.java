package dev.kiri.hbone.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// Event loops in turn, but none that carries bulk while another one does not: whoever is placed
/// now would wait for its turns.
///
/// A connection that a loop has accepted goes to another one for the same reason. One that is
/// dialled on a certain loop stays there: it belongs to something that is there already.
final class Loops extends MultiThreadIoEventLoopGroup {
  private final boolean closeAlways;

  /// With `closeAlways` the loops close their channels whenever they end.
  Loops(int loops, ThreadFactory threads, IoHandlerFactory ioHandler, boolean closeAlways) {
    super(loops, threads, ioHandler);
    this.closeAlways = closeAlways;
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory ioHandler, Object... args) {
    return new Loop(executor, ioHandler);
  }

  @Override
  public IoEventLoop next() {
    return quieter((Loop) super.next());
  }

  private Loop quieter(Loop than) {
    if (than.hasBulk()) {
      for (EventExecutor other : this) {
        if (other instanceof Loop loop && !loop.hasBulk()) {
          return loop;
        }
      }
    }
    return than;
  }

  private final class Loop extends SingleThreadIoEventLoop {
    private volatile @Nullable LoopLoad load; // null before the first task

    Loop(Executor executor, IoHandlerFactory ioHandler) {
      super((IoEventLoopGroup) Loops.this, executor, ioHandler);
    }

    boolean hasBulk() {
      var known = load;
      return known != null && known.hasBulk(ticker().nanoTime());
    }

    @Override
    public ChannelFuture register(Channel channel) {
      boolean accepted = channel.parent() != null;
      return (accepted ? quieter(this) : this).registerHere(channel);
    }

    private ChannelFuture registerHere(Channel channel) {
      return super.register(channel);
    }

    /// Netty 4.2.18 looks once a turn whether the loop is to end, before the turn's tasks, and
    /// closes its channels then; it looks again behind the tasks, and ends if there is no quiet
    /// period. Told to end in between, it leaves descriptors open and tells no handler, so whatever
    /// a handler keeps for its channel is lost with it. What handlers have to hear are tasks, which
    /// are still run after this.
    @Override
    protected void run() {
      load = LoopMemory.current().load();
      super.run();
      if (closeAlways) {
        ioHandler().prepareToDestroy();
      }
    }
  }
}
