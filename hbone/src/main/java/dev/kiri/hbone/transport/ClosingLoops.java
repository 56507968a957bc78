package dev.kiri.hbone.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/// Event loops that close their channels when they end, always.
///
/// Netty 4.2.18's own look once a turn whether they are to end, before the turn's tasks, and close
/// their channels then; they look again behind the tasks, and end if there is no quiet period. Told
/// to end in between, they leave descriptors open and tell no handler, so whatever a handler keeps
/// for its channel is lost with it.
final class ClosingLoops extends MultiThreadIoEventLoopGroup {

  ClosingLoops(int loops, ThreadFactory threads, IoHandlerFactory ioHandler) {
    super(loops, threads, ioHandler);
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory ioHandler, Object... args) {
    return new Loop(this, executor, ioHandler);
  }

  private static final class Loop extends SingleThreadIoEventLoop {
    Loop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory ioHandler) {
      super(parent, executor, ioHandler);
    }

    /// What handlers have to hear of it are tasks, which are still run after this.
    @Override
    protected void run() {
      super.run();
      ioHandler().prepareToDestroy();
    }
  }
}
