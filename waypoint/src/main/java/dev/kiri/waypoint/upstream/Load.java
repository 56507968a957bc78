package dev.kiri.waypoint.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/// What is under way for one service's port, or a subset of it, in the whole process, as far as a
/// policy bounds it. Thread-safe, without locks.
public final class Load {
  final Count connections = new Count();
  final Count requests = new Count();
  final Count pending = new Count();
  private final Count retries = new Count();

  /// Tries after the first that are under way.
  public Count retries() {
    return retries;
  }

  boolean isIdle() {
    return connections.now() + requests.now() + pending.now() + retries.now() == 0;
  }

  /// A number with a bound that may be another one each time.
  public static final class Count {
    private final AtomicInteger number = new AtomicInteger();

    /// @param limit 0: none
    public boolean take(int limit) {
      int taken = number.incrementAndGet();
      if (limit > 0 && taken > limit) {
        number.decrementAndGet();
        return false;
      }
      return true;
    }

    public void release() {
      number.decrementAndGet();
    }

    int now() {
      return number.get();
    }
  }
}
