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

  private final Map<String, Waiting> tasks = new LinkedHashMap<>();
  private final BooleanSupplier ours;
  private final WriteObserver observer;
  private final long firstPauseMillis;
  private final Thread thread;
  private boolean busy;
  private boolean closed;

  /// Something to write.
  @FunctionalInterface
  public interface Task {
    void run() throws IOException;
  }

  /// @param since when the subject was first to be written
  private record Waiting(Task task, long since) {}

  /// Starts the queue's thread.
  ///
  /// @param ours whether this process is the one that writes at the moment
  public WriteQueue(BooleanSupplier ours, WriteObserver observer) {
    this(ours, observer, FIRST_PAUSE_MILLIS);
  }

  WriteQueue(BooleanSupplier ours, WriteObserver observer, long firstPauseMillis) {
    this.ours = ours;
    this.observer = observer;
    this.firstPauseMillis = firstPauseMillis;
    thread = Thread.ofVirtual().name("write-queue").start(this::work);
  }

  /// Puts a task for a subject in the place of one that waits for it.
  public synchronized void put(String subject, Task task) {
    Waiting before = tasks.remove(subject);
    tasks.put(subject, new Waiting(task, before == null ? System.nanoTime() : before.since()));
    observer.waiting(tasks.size());
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
        long began = System.nanoTime();
        observer.taken(began - next.getValue().since());
        if (ours.getAsBoolean()) {
          attempt(next.getKey(), next.getValue().task());
          observer.done(System.nanoTime() - began);
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

  private synchronized Map.@Nullable Entry<String, Waiting> take() throws InterruptedException {
    while (tasks.isEmpty() && !closed) {
      wait();
    }
    if (closed) {
      return null;
    }
    var first = tasks.entrySet().iterator().next();
    var taken = Map.entry(first.getKey(), first.getValue());
    tasks.remove(taken.getKey());
    observer.waiting(tasks.size());
    busy = true;
    return taken;
  }

  private void attempt(String subject, Task task) throws InterruptedException {
    long pause = firstPauseMillis;
    for (int attempt = 1; ; attempt++) {
      try {
        task.run();
        return;
      } catch (IOException | RuntimeException e) {
        if (attempt == ATTEMPTS) {
          LOG.error("giving up writing {}", subject, e);
          observer.givenUp();
          return;
        }
        LOG.warn("writing {} failed, trying again: {}", subject, e.getMessage());
        TimeUnit.MILLISECONDS.sleep(pause);
        pause *= 2;
      }
    }
  }
}
