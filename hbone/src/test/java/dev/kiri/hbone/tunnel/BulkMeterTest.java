package dev.kiri.hbone.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// When a tunnel counts as carrying bulk.
final class BulkMeterTest {
  private static final long MIB = 1 << 20;

  private final MockTicker clock = Ticker.newMockTicker();
  private final BulkMeter meter = new BulkMeter(clock, now -> heardAt = now);
  private long total;
  private long heardAt = -1;

  /// So much in steps of a mebibyte, each of which takes so long.
  private void move(long mebibytes, long microsEach) {
    for (long i = 0; i < mebibytes; i++) {
      clock.advance(microsEach, TimeUnit.MICROSECONDS);
      total += MIB;
      meter.moved(total);
    }
  }

  private boolean isBulk() {
    return meter.isBulk();
  }

  private void pass(long millis) {
    clock.advance(millis, TimeUnit.MILLISECONDS);
  }

  @Test
  void more_than_a_gigabit_a_second_is_bulk() {
    move(20, 7_000);

    assertThat(isBulk()).isTrue();
    assertThat(heardAt).isEqualTo(16 * 7_000_000L);
  }

  @Test
  void less_than_a_gigabit_a_second_is_none() {
    move(200, 8_000);

    assertThat(isBulk()).isFalse();
  }

  @Test
  void bulk_that_began_since_the_last_question_counts_however_long_ago_that_was() {
    assertThat(isBulk()).isFalse();
    move(1, 0);
    pass(60_000);

    move(32, 1_000);

    assertThat(isBulk()).isTrue();
  }

  @Test
  void bulk_that_is_over_is_forgotten_in_a_quarter_of_a_second() {
    move(32, 1_000);

    pass(250);
    assertThat(isBulk()).isTrue();
    pass(1);
    assertThat(isBulk()).isFalse();
  }

  @Test
  void what_is_moved_in_one_large_step_is_judged_by_its_size() {
    pass(1_000);
    meter.moved(256 * MIB);

    assertThat(isBulk()).isTrue();
  }
}
