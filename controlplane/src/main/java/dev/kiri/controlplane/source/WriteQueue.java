package dev.kiri.controlplane.source;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes in the background, one at a time, the latest task for each subject only; a failed write
/// is tried again, five times in all. Bounded by the number of subjects. What comes to its turn
/// while somebody else is to write is left to them. Thread-safe.
public final class WriteQueue implements AutoCloseable {
  static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final Logger LOG = LoggerFactory.getLogger("write");

  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private final BooleanSupplier ours;
  private final Thread thread;
  private boolean busy;
  private boolean closed;

  /// Something to write.
  @FunctionalInterface
  public interface Task {
    void run() throws IOException;
  }

  /// Starts the queue's thread.
  ///
  /// @param ours whether this process is the one that writes at the moment
  public WriteQueue(BooleanSupplier ours) {
    this.ours = ours;
    thread = Thread.ofVirtual().name("write-queue").start(this::work);
  }

  /// Puts a task for a subject in the place of one that waits for it.
  public synchronized void put(String subject, Task task) {
    tasks.remove(subject);
    tasks.put(subject, task);
    notifyAll();
  }

  /// Waits until nothing waits and nothing is being written, or the time is over.
  public synchronized boolean awaitIdle(long millis) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (busy || !tasks.isEmpty()) {
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  @Override
  public synchronized void close() {
    closed = true;
    thread.interrupt();
    notifyAll();
  }

  private void work() {
    try {
      while (true) {
        var next = take();
        if (next == null) {
          return;
        }
        if (ours.getAsBoolean()) {
          attempt(next.getKey(), next.getValue());
        }
        synchronized (this) {
          busy = false;
          notifyAll();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("write queue ended");
    }
  }

  private synchronized Map.@Nullable Entry<String, Task> take() throws InterruptedException {
    while (tasks.isEmpty() && !closed) {
      wait();
    }
    if (closed) {
      return null;
    }
    var first = tasks.entrySet().iterator().next();
    var taken = Map.entry(first.getKey(), first.getValue());
    tasks.remove(taken.getKey());
    busy = true;
    return taken;
  }

  private static void attempt(String subject, Task task) throws InterruptedException {
    long pause = FIRST_PAUSE_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        task.run();
        return;
      } catch (IOException | RuntimeException e) {
        if (attempt == ATTEMPTS) {
          LOG.error("giving up writing {}", subject, e);
          return;
        }
        LOG.warn("writing {} failed, trying again: {}", subject, e.getMessage());
        TimeUnit.MILLISECONDS.sleep(pause);
        pause *= 2;
      }
    }
  }
}
