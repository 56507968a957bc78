package dev.kiri.local.mesh;

import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.ObjectStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Waits until nothing is missing any more. Looks again when an object changed; what no object
/// tells, such as what proxies acknowledged, is asked for less and less often while nothing
/// changes. Thread-safe; blocks the caller.
final class ReadyWait {
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(320);

  /// Between two lines of progress: enough to see what is slow, not a line for every pod.
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(1);

  private final Supplier<List<String>> missing;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long changes;

  /// @param missing what is not ready, each with the reason; empty when all is well
  /// @param nanoTime as [System#nanoTime()]
  ReadyWait(ObjectStore store, Supplier<List<String>> missing, LongSupplier nanoTime) {
    this.missing = missing;
    this.nanoTime = nanoTime;
    store.onChange(_ -> changed());
  }

  private void changed() {
    lock.lock();
    try {
      changes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// @param timeout the whole time that the user grants
  /// @param spent what of it was spent before
  /// @param progress told what is missing when that changes, once a second at most
  /// @throws MeshException naming what is missing when the time is over
  void await(Duration timeout, Duration spent, Consumer<String> progress) {
    long until = nanoTime.getAsLong() + timeout.minus(spent).toNanos();
    var pause = SHORTEST_PAUSE;
    var said = "";
    long sayAgain = nanoTime.getAsLong();
    while (true) {
      long seen = changes();
      var now = missing.get();
      if (now.isEmpty()) {
        return;
      }
      if (nanoTime.getAsLong() >= until) {
        var granted = timeout.isZero() ? "not ready: " : "not ready after " + text(timeout) + ": ";
        throw new MeshException(granted + String.join("; ", now));
      }
      var summary = summary(now);
      if (!summary.equals(said) && nanoTime.getAsLong() >= sayAgain) {
        said = summary;
        sayAgain = nanoTime.getAsLong() + BETWEEN_LINES.toNanos();
        progress.accept(summary);
      }
      pause = changedWithin(seen, pause, until) ? SHORTEST_PAUSE : longer(pause);
    }
  }

  private long changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /// Changes come in swarms while a mesh starts: the shortest pause is always made.
  private boolean changedWithin(long seen, Duration pause, long until) {
    try {
      TimeUnit.NANOSECONDS.sleep(Math.min(SHORTEST_PAUSE.toNanos(), until - nanoTime.getAsLong()));
      lock.lock();
      try {
        long left = Math.min(pause.minus(SHORTEST_PAUSE).toNanos(), until - nanoTime.getAsLong());
        while (changes == seen && left > 0) {
          left = changed.awaitNanos(left);
        }
        return changes != seen;
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeshException("interrupted");
    }
  }

  private static Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  private static String text(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /// Enough to see that something happens and what is slow.
  private static String summary(List<String> missing) {
    var named = String.join(", ", missing.subList(0, Math.min(2, missing.size())));
    int more = missing.size() - 2;
    return "waiting for " + named + (more > 0 ? " and " + more + " more" : "");
  }
}
