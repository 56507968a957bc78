package dev.kiri.hbone.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// When a tunnel counts as carrying bulk.
final class BulkMeterTest {
  private static final long MIB = 1 << 20;

  private final BulkMeter meter = new BulkMeter(0);

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void more_than_a_gigabit_a_second_is_bulk() {
    assertThat(meter.isBulk(20 * MIB, millis(100))).isTrue();
  }

  @Test
  void what_a_busy_web_service_moves_is_none() {
    assertThat(meter.isBulk(2 * MIB, millis(100))).isFalse();
  }

  @Test
  void the_answer_stays_until_there_is_enough_time_for_another() {
    assertThat(meter.isBulk(20 * MIB, millis(100))).isTrue();
    assertThat(meter.isBulk(20 * MIB, millis(149))).isTrue();
    assertThat(meter.isBulk(20 * MIB, millis(150))).isFalse();
  }

  @Test
  void a_burst_before_the_first_sample_is_not_judged() {
    assertThat(meter.isBulk(100 * MIB, millis(10))).isFalse();
  }

  @Test
  void an_average_over_a_long_pause_says_nothing() {
    assertThat(meter.isBulk(4_096 * MIB, millis(20_000))).isFalse();
    assertThat(meter.isBulk(4_106 * MIB, millis(20_060))).isTrue();
  }
}
