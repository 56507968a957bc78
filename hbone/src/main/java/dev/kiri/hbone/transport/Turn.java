package dev.kiri.hbone.transport;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;

/// What is done once, after all sockets that were ready in this turn of the loop: output of many
/// streams leaves in one system call. Confined to its loop.
public final class Turn implements Runnable {

  /// Somebody with output to send.
  @FunctionalInterface
  public interface Flushable {
    void turnEnded();
  }

  private final ArrayDeque<Flushable> waiting = new ArrayDeque<>();
  private final LoopMemory memory;
  private boolean scheduled;

  Turn(LoopMemory memory) {
    this.memory = memory;
  }

  /// Calls `flushable` once at the end of this turn. The caller takes care not to ask twice.
  public void atEnd(EventLoop loop, Flushable flushable) {
    waiting.addLast(flushable);
    memory.use(loop);
    if (!scheduled) {
      scheduled = true;
      loop.execute(this);
    }
  }

  @Override
  public void run() {
    scheduled = false;
    // what is added meanwhile belongs to the next turn
    for (int n = waiting.size(); n > 0; n--) {
      var next = waiting.pollFirst();
      if (next != null) {
        next.turnEnded();
      }
    }
    if (!waiting.isEmpty() && !scheduled) {
      throw new IllegalStateException("a turn was left without an end");
    }
  }
}
