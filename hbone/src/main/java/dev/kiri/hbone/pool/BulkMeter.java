package dev.kiri.hbone.pool;

import java.util.concurrent.TimeUnit;

/// Tells from a tunnel's count of bytes whether it carries bulk: more than a gigabit a second.
/// Confined to one loop; samples when asked and costs nothing in between.
final class BulkMeter {
  private static final long BULK_BYTES_A_SECOND = 128L << 20;
  private static final long SAMPLE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long STALE = TimeUnit.SECONDS.toNanos(1);

  private long bytes;
  private long sampled;
  private boolean bulk;

  BulkMeter(long now) {
    sampled = now;
  }

  /// By the bytes since a sample at least 50 ms ago. After a second without being asked the answer
  /// is no: a long average says nothing about now.
  boolean isBulk(long total, long now) {
    long since = now - sampled;
    if (since < SAMPLE) {
      return bulk;
    }
    bulk = since < STALE && (total - bytes) * 1e9 / since > BULK_BYTES_A_SECOND;
    bytes = total;
    sampled = now;
    return bulk;
  }
}
