package dev.kiri.ztunnel.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EndpointWatchTest {
  private static final EndpointKey WEB = new EndpointKey("web", 80);

  private long now = Long.MAX_VALUE - 1; // a monotonic clock may pass its end
  private final EndpointWatch watch = new EndpointWatch(() -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void a_failure_ejects_that_port_for_a_short_while() {
    watch.failed("a", WEB);

    assertThat(watch.ejected("a", "web", 80)).isTrue();
    assertThat(watch.ejected("a", "web", 81)).isFalse();
    assertThat(watch.ejectedNow()).isOne();
    pass(EndpointWatch.FIRST);
    assertThat(watch.ejected("a", "web", 80)).isFalse();
    assertThat(watch.ejectedNow()).isZero();
    assertThat(watch.ejectedEver()).isOne();
  }

  @Test
  void what_fails_for_one_pod_is_left_to_others() {
    watch.failed("a", WEB);

    assertThat(watch.ejected("b", "web", 80)).isFalse();
    watch.succeeded("b", WEB);
    assertThat(watch.ejected("a", "web", 80)).isTrue();
  }

  @Test
  void pods_that_fail_much_leave_room_for_others() {
    for (int i = 0; i < EndpointWatch.MAX_EJECTED; i++) {
      watch.failed("a", new EndpointKey("w" + i, 80));
    }
    watch.failed("b", WEB);

    assertThat(watch.ejected("b", "web", 80)).isTrue();
  }

  @Test
  void many_failures_at_a_time_count_as_one() {
    for (int i = 0; i < 100; i++) {
      watch.failed("a", WEB);
    }

    pass(EndpointWatch.FIRST);
    assertThat(watch.ejected("a", "web", 80)).isFalse();
  }

  @Test
  void failing_again_ejects_for_longer_up_to_a_limit() {
    var expected = EndpointWatch.FIRST;
    for (int i = 0; i < 6; i++) {
      watch.failed("a", WEB);
      pass(expected.minusNanos(1));
      assertThat(watch.ejected("a", "web", 80)).isTrue();
      pass(Duration.ofNanos(1));
      assertThat(watch.ejected("a", "web", 80)).isFalse();
      var twice = expected.multipliedBy(2);
      expected = twice.compareTo(EndpointWatch.LONGEST) < 0 ? twice : EndpointWatch.LONGEST;
    }
  }

  @Test
  void a_success_ends_it_and_the_next_failure_is_a_first_one() {
    watch.failed("a", WEB);
    pass(EndpointWatch.FIRST);
    watch.failed("a", WEB);
    watch.succeeded("a", WEB);
    assertThat(watch.ejected("a", "web", 80)).isFalse();

    watch.failed("a", WEB);
    pass(EndpointWatch.FIRST);
    assertThat(watch.ejected("a", "web", 80)).isFalse();
  }

  @Test
  void what_is_remembered_is_bounded_and_old_ejections_make_room() {
    for (int i = 0; i < EndpointWatch.MAX_EJECTED; i++) {
      watch.failed("a", new EndpointKey("w" + i, 80));
    }
    watch.failed("a", WEB);
    assertThat(watch.ejected("a", "web", 80)).isFalse();

    pass(EndpointWatch.FIRST);
    watch.failed("a", WEB);
    assertThat(watch.ejected("a", "web", 80)).isTrue();
  }

  @Test
  void open_connections_are_counted_for_each_workload() {
    watch.opened(WEB);
    watch.opened(new EndpointKey("web", 443));
    assertThat(watch.open("web")).isEqualTo(2);

    watch.closed(WEB);
    watch.closed(WEB);
    watch.closed(WEB);
    assertThat(watch.open("web")).isZero();
  }
}
