package dev.kiri.hbone.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RoundTripTest {
  private final MockTicker clock = Ticker.newMockTicker();
  private long measured;
  private int asked;
  private final RoundTrip trip =
      new RoundTrip(
          clock,
          () -> {
            asked++;
            return measured;
          });

  private long micros(long kernelSays) {
    measured = kernelSays;
    clock.advance(RoundTrip.ASK_NANOS + 1, TimeUnit.NANOSECONDS);
    return trip.micros();
  }

  @Test
  void the_least_counts_however_busy_the_machine_is_later() {
    assertThat(micros(400)).isEqualTo(400);
    assertThat(micros(50)).isEqualTo(50);
    assertThat(micros(20_000)).isEqualTo(50);
  }

  @Test
  void the_kernel_is_asked_once_a_second() {
    assertThat(micros(400)).isEqualTo(400);
    measured = 50;

    assertThat(trip.micros()).isEqualTo(400);

    assertThat(asked).isOne();
    assertThat(micros(50)).isEqualTo(50);
  }

  @Test
  void where_the_kernel_is_not_asked_the_peer_is_as_far_as_can_be() {
    assertThat(micros(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }
}
