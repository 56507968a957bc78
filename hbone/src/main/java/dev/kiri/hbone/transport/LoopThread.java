package dev.kiri.hbone.transport;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.ThreadFactory;

/// The thread of one event loop, which has the loop's memory.
final class LoopThread extends FastThreadLocalThread {
  private final LoopMemory memory = new LoopMemory();

  private LoopThread(Runnable loop, String name) {
    super(loop, name);
  }

  /// Makes threads named `prefix-1-1`, `prefix-1-2`, ..., which do not keep a program alive.
  static ThreadFactory named(String prefix) {
    return new DefaultThreadFactory(prefix, true) {
      @Override
      protected Thread newThread(Runnable loop, String name) {
        return new LoopThread(loop, name);
      }
    };
  }

  LoopMemory memory() {
    return memory;
  }

  @Override
  public void run() {
    try {
      super.run();
    } finally {
      memory.release();
    }
  }
}
