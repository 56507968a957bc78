package dev.kiri.hbone.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.tunnel.FloodGuard.Nuisance;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// A flood is stopped, honest traffic is not.
final class FloodGuardTest {
  private final AtomicLong now = new AtomicLong();
  private final FloodGuard guard = new FloodGuard(now::get);

  @Test
  void every_kind_of_flood_ends_with_enhance_your_calm() {
    for (var kind : Nuisance.values()) {
      var fresh = new FloodGuard(now::get);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  fresh.spend(kind);
                }
              })
          .isInstanceOfSatisfying(
              TunnelError.class, e -> assertThat(e.code()).isEqualTo(H2Error.ENHANCE_YOUR_CALM));
    }
  }

  @Test
  void twenty_abandoned_requests_a_second_are_fine_for_ever() {
    assertThatCode(
            () -> {
              for (int second = 0; second < 10_000; second++) {
                now.addAndGet(1_000_000_000);
                for (int i = 0; i < 20; i++) {
                  guard.spend(Nuisance.ABANDONED_REQUEST);
                }
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void bytes_that_were_carried_earn_credit() {
    assertThatCode(
            () -> {
              for (int i = 0; i < 50_000; i++) {
                guard.carried(16_384);
                guard.spend(Nuisance.CLOSED_STREAM);
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void answers_to_what_this_end_did_cost_nothing_and_more_of_them_do() {
    assertThatCode(
            () -> {
              guard.expect(100_000);
              for (int i = 0; i < 100_000; i++) {
                guard.answered(Nuisance.TINY_WINDOW_UPDATE);
              }
            })
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 20_000; i++) {
                guard.answered(Nuisance.TINY_WINDOW_UPDATE);
              }
            })
        .isInstanceOf(TunnelError.class);
  }
}
