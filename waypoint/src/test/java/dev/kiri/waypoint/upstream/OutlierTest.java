package dev.kiri.waypoint.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.waypoint.upstream.TrafficPolicy.Outliers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Failures in a row, and how long an endpoint is left out for them.
class OutlierTest {
  private static final long SECOND = 1_000_000_000L;

  private final Outlier outlier = new Outlier();

  private static Outliers rules(int fiveHundreds, int gateway, boolean split, int local) {
    return new Outliers(
        fiveHundreds,
        gateway,
        split,
        local,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        100,
        0);
  }

  @Test
  void an_answer_in_between_begins_the_count_anew() {
    Outliers rules = rules(2, 0, false, 0);

    assertThat(outlier.answered(500, rules)).isFalse();
    assertThat(outlier.answered(200, rules)).isFalse();
    assertThat(outlier.answered(503, rules)).isFalse();
    assertThat(outlier.answered(500, rules)).isTrue();
  }

  @Test
  void gateway_errors_have_a_count_of_their_own() {
    Outliers rules = rules(0, 2, false, 0);

    assertThat(outlier.answered(500, rules)).isFalse();
    assertThat(outlier.answered(502, rules)).isFalse();
    assertThat(outlier.answered(504, rules)).isTrue();
  }

  @Test
  void failures_to_reach_an_endpoint_count_as_5xx_unless_split() {
    assertThat(outlier.failed(rules(1, 0, false, 0))).isTrue();

    Outlier other = new Outlier();
    Outliers split = rules(1, 0, true, 2);
    assertThat(other.failed(split)).isFalse();
    assertThat(other.failed(split)).isTrue();
  }

  @Test
  void each_time_it_is_left_out_longer_and_health_counts_back() {
    Outliers rules = rules(1, 0, false, 0);
    outlier.eject(0, rules);
    assertThat(outlier.isOut(30 * SECOND - 1)).isTrue();
    assertThat(outlier.isOut(30 * SECOND)).isFalse();

    outlier.eject(31 * SECOND, rules);
    assertThat(outlier.isOut(91 * SECOND - 1)).isTrue();
    assertThat(outlier.isOut(91 * SECOND)).isFalse();

    outlier.eject(200 * SECOND, rules);
    assertThat(outlier.isOut(230 * SECOND - 1)).isTrue();
    assertThat(outlier.isOut(230 * SECOND)).isFalse();
  }

  @Test
  void it_is_never_left_out_longer_than_five_minutes() {
    Outliers rules = rules(1, 0, false, 0);
    for (int i = 0; i < 100; i++) {
      outlier.eject(0, rules);
    }
    assertThat(outlier.isOut(300 * SECOND - 1)).isTrue();
    assertThat(outlier.isOut(300 * SECOND)).isFalse();
  }
}
