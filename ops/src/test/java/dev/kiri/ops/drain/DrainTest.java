package dev.kiri.ops.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DrainTest {
  @Test
  void all_steps_run_once_the_end_is_asked_for() throws Exception {
    var drain = new Drain(Duration.ofSeconds(5));
    var first = new CompletableFuture<Duration>();
    drain.step("first", deadline -> CompletableFuture.completedFuture(first.complete(deadline)));
    drain.step("second", deadline -> first);
    drain.request("test");
    drain.request("again");

    assertThat(drain.awaitAndRun()).isZero();
    assertThat(first).isCompletedWithValue(Duration.ofSeconds(5));
    assertThat(drain.requested()).isTrue();
  }

  @Test
  void the_deadline_ends_a_step_that_does_not() throws Exception {
    var drain = new Drain(Duration.ofMillis(10));
    drain.step("stuck", deadline -> new CompletableFuture<>());
    drain.request("test");

    assertThat(drain.awaitAndRun()).isZero();
  }

  @Test
  void a_failing_step_does_not_stop_the_others() throws Exception {
    var drain = new Drain(Duration.ofSeconds(5));
    var ran = new CompletableFuture<Boolean>();
    drain.step(
        "broken",
        deadline -> {
          throw new IllegalStateException("no");
        });
    drain.step("other", deadline -> CompletableFuture.completedFuture(ran.complete(true)));
    drain.request("test");

    assertThat(drain.awaitAndRun()).isZero();
    assertThat(ran).isCompletedWithValue(true);
  }
}
