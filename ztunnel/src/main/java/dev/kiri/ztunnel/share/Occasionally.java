package dev.kiri.ztunnel.share;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Says no more than once in an interval that something is due: for the log of what happens
/// thousands of times. Thread-safe.
public final class Occasionally {
  /// The usual interval.
  public static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LongSupplier nanos;
  private final AtomicLong next;

  /// `nanos` is a monotonic clock.
  public Occasionally(LongSupplier nanos) {
    this.nanos = nanos;
    this.next = new AtomicLong(nanos.getAsLong());
  }

  /// Whether an interval has passed since this was true.
  public boolean due() {
    long now = nanos.getAsLong();
    long at = next.get();
    return now - at >= 0 && next.compareAndSet(at, now + INTERVAL.toNanos());
  }
}
