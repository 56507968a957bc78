package dev.kiri.hbone.tunnel;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/// Tells from a tunnel's count of bytes whether it carries bulk: more than a gigabit a second.
/// Confined to one loop.
///
/// It looks at the clock once in 16 MiB and not when it is asked: an average over the time between
/// two questions would hide bulk that has begun meanwhile.
final class BulkMeter {
  private static final long LOOK = 16L << 20;
  private static final long BULK_NANOS = TimeUnit.MILLISECONDS.toNanos(125); // for a look's bytes
  private static final long REMEMBERED_NANOS = 2 * BULK_NANOS;

  private final Ticker clock;
  private final LongConsumer heard;
  private long bytes;
  private long looked;
  private boolean bulk;

  /// `heard` gets the time of every look that finds bulk.
  BulkMeter(Ticker clock, LongConsumer heard) {
    this.clock = clock;
    this.heard = heard;
    this.looked = clock.nanoTime();
  }

  /// The tunnel has moved so many bytes since it began.
  void moved(long total) {
    if (total - bytes < LOOK) {
      return;
    }
    long now = clock.nanoTime();
    bulk = now - looked <= BULK_NANOS * ((total - bytes) / LOOK);
    bytes = total;
    looked = now;
    if (bulk) {
      heard.accept(now);
    }
  }

  boolean isBulk() {
    return bulk && clock.nanoTime() - looked <= REMEMBERED_NANOS;
  }
}
