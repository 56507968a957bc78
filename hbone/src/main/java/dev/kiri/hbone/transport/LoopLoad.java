package dev.kiri.hbone.transport;

import java.util.concurrent.TimeUnit;

/// Whether a loop carries bulk. Told on the loop's thread, asked on any.
public final class LoopLoad {
  static final long REMEMBERED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private volatile boolean told;
  private volatile long at;

  LoopLoad() {}

  /// A tunnel of the loop carries bulk `now`, by the loop's ticker.
  public void bulk(long now) {
    at = now;
    told = true;
  }

  /// Whether one has lately.
  boolean hasBulk(long now) {
    return told && now - at <= REMEMBERED_NANOS;
  }
}
