package dev.kiri.mesh.ca;

import static dev.kiri.mesh.ca.CertificatePriority.BACKGROUND;
import static dev.kiri.mesh.ca.CertificatePriority.REAL_TIME;
import static dev.kiri.mesh.ca.CertificatePriority.WARMUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.ca.CertificateStatus.State;
import dev.kiri.mesh.testing.FakeAuthority;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Which certificate is asked for when. Cases of istio/ztunnel `src/identity/manager.rs`, on a
/// clock of the test's own.
class CertificateScheduleTest {
  private static final FakeAuthority AUTHORITY = new FakeAuthority("root");
  private static final SpiffeId A = id("a");
  private static final SpiffeId B = id("b");
  private static final SpiffeId C = id("c");
  private static final SpiffeId D = id("d");
  private static final Duration DAY = Duration.ofDays(1);

  /// Upstream's settings without chance.
  private static final CertificateSettings EXACT =
      new CertificateSettings(
          1,
          Duration.ofSeconds(1),
          Duration.ofSeconds(150),
          Duration.ofMinutes(15),
          0,
          0,
          Duration.ofSeconds(5));

  private final CertificateSchedule schedule = new CertificateSchedule(EXACT, new Random(5));
  private Instant now = Instant.parse("2026-11-24T00:00:00Z");

  private static SpiffeId id(String account) {
    return SpiffeId.of("cluster.local", "ns", account);
  }

  private WorkloadCertificate certificate(SpiffeId identity, Duration life) {
    return AUTHORITY.workload(identity, now, life);
  }

  private State stateOf(SpiffeId identity) {
    return schedule.states().stream()
        .filter(status -> status.identity().equals(identity))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private WorkloadCertificate issue(SpiffeId identity) {
    var certificate = certificate(identity, DAY);
    assertThat(schedule.issued(identity, certificate, now)).isTrue();
    return certificate;
  }

  private void failFirst(SpiffeId identity) {
    schedule.request(identity, REAL_TIME, now);
    schedule.start(now);
    schedule.refused(identity, "no", now);
  }

  @Test
  void the_most_urgent_goes_first_and_of_equals_the_one_due_first() {
    schedule.request(A, BACKGROUND, now);
    var first = schedule.start(now);
    now = now.plusMillis(1);
    schedule.request(B, BACKGROUND, now);
    now = now.plusMillis(1);
    schedule.request(C, WARMUP, now);
    now = now.plusMillis(1);
    schedule.request(D, REAL_TIME, now);

    var order = new ArrayList<SpiffeId>();
    for (var next = first; next != null; next = schedule.start(now)) {
      order.add(next);
      issue(next);
    }

    assertThat(order).containsExactly(A, D, C, B);
  }

  @Test
  void a_connection_moves_its_identity_to_the_front() {
    schedule.request(A, WARMUP, now);
    schedule.start(now);
    schedule.request(B, WARMUP, now);
    schedule.request(C, WARMUP, now.plusMillis(1));

    var state = schedule.request(C, REAL_TIME, now.plusMillis(2));
    issue(A);

    assertThat(state).isEqualTo(new State.Initializing(REAL_TIME));
    assertThat(schedule.start(now.plusMillis(3))).isEqualTo(C);
  }

  @Test
  void no_more_are_under_way_than_allowed() {
    schedule.request(A, REAL_TIME, now);
    schedule.request(B, REAL_TIME, now);

    assertThat(schedule.start(now)).isNotNull();
    assertThat(schedule.start(now)).isNull();
    assertThat(schedule.nextDue()).isNull();
  }

  @Test
  void an_identity_under_way_is_not_asked_for_twice() {
    schedule.request(A, REAL_TIME, now);
    schedule.start(now);
    schedule.request(A, REAL_TIME, now);
    issue(A);

    assertThat(schedule.start(now)).isNull();
  }

  @Test
  void a_certificate_is_renewed_at_half_of_its_life() {
    schedule.request(A, REAL_TIME, now);
    schedule.start(now);
    issue(A);

    assertThat(schedule.nextDue()).isEqualTo(now.plus(DAY.dividedBy(2)));
    assertThat(schedule.start(now.plus(DAY.dividedBy(2)).minusMillis(1))).isNull();
    assertThat(schedule.start(now.plus(DAY.dividedBy(2)))).isEqualTo(A);
  }

  @Test
  void renewals_of_certificates_issued_together_are_spread() {
    var spread = new CertificateSchedule(CertificateSettings.DEFAULT, new Random(3));
    for (var identity : List.of(A, B, C)) {
      spread.request(identity, REAL_TIME, now);
      spread.start(now);
      spread.issued(identity, certificate(identity, DAY), now);
    }

    var times = spread.states().stream().map(CertificateStatus::nextAttempt).toList();

    assertThat(times).doesNotHaveDuplicates();
    assertThat(times)
        .allSatisfy(
            time ->
                assertThat(time)
                    .isBetween(now.plus(DAY.multipliedBy(45).dividedBy(100)), now.plus(DAY)));
  }

  @Test
  void a_certificate_that_was_born_old_is_not_renewed_without_end() {
    schedule.request(A, REAL_TIME, now);
    schedule.start(now);
    var old = AUTHORITY.workload(A, now.minus(DAY), DAY.plusSeconds(10));
    schedule.issued(A, old, now);

    assertThat(schedule.nextDue()).isEqualTo(now.plusSeconds(1));
  }

  @Test
  void the_first_failure_makes_it_unavailable_and_pauses_double_up_to_a_bound() {
    failFirst(A);
    var pauses = new ArrayList<Long>();
    for (int i = 0; i < 10; i++) {
      var due = schedule.nextDue();
      assertThat(due).isNotNull();
      pauses.add(Duration.between(now, due).toSeconds());
      now = due;
      schedule.start(now);
      schedule.refused(A, "no", now);
    }

    assertThat(stateOf(A)).isEqualTo(new State.Unavailable("no"));
    assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 150L, 150L);
  }

  @Test
  void a_success_forgets_failures() {
    failFirst(A);
    schedule.start(now.plusSeconds(1));
    schedule.refused(A, "no", now.plusSeconds(1));
    now = now.plusSeconds(3);
    schedule.start(now);
    issue(A);
    now = now.plus(DAY.dividedBy(2));
    schedule.start(now);

    var status = schedule.refused(A, "no", now);

    assertThat(status).isNotNull();
    assertThat(status.nextAttempt()).isEqualTo(now.plusSeconds(1));
  }

  @Test
  void a_failed_renewal_keeps_the_certificate_while_it_is_valid() {
    schedule.request(A, REAL_TIME, now);
    schedule.start(now);
    var certificate = issue(A);
    now = now.plus(DAY.dividedBy(2));
    schedule.start(now);

    var kept = schedule.refused(A, "no", now);
    now = certificate.notAfter();
    schedule.start(now);
    var lost = schedule.refused(A, "gone", now);

    assertThat(kept).isNotNull();
    assertThat(kept.state()).isEqualTo(new State.Available(certificate));
    assertThat(lost).isNotNull();
    assertThat(lost.state()).isEqualTo(new State.Unavailable("gone"));
  }

  @Test
  void the_last_retry_before_expiry_is_at_expiry() {
    schedule.request(A, REAL_TIME, now);
    schedule.start(now);
    var certificate = issue(A);
    now = certificate.notAfter().minusMillis(300);
    schedule.start(now);

    var status = schedule.refused(A, "no", now);

    assertThat(status).isNotNull();
    assertThat(status.nextAttempt()).isEqualTo(certificate.notAfter());
  }

  @Test
  void a_waiting_connection_has_an_old_failure_tried_again_but_not_a_recent_one() {
    failFirst(A);
    now = now.plusSeconds(1);
    schedule.start(now);
    schedule.refused(A, "no", now);
    now = now.plusSeconds(2);
    schedule.start(now);
    schedule.refused(A, "no", now);
    now = now.plusSeconds(4);
    schedule.start(now);
    schedule.refused(A, "no", now);

    schedule.request(A, REAL_TIME, now.plusSeconds(4));
    var recent = schedule.start(now.plusSeconds(4));
    var state = schedule.request(A, REAL_TIME, now.plusSeconds(5));
    var old = schedule.start(now.plusSeconds(5));

    assertThat(recent).isNull();
    assertThat(state).isEqualTo(new State.Unavailable("no"));
    assertThat(old).isEqualTo(A);
  }

  @Test
  void what_was_released_is_forgotten_and_its_late_result_dropped() {
    schedule.request(A, REAL_TIME, now);
    schedule.start(now);
    schedule.release(A);
    schedule.release(B);

    assertThat(schedule.states()).isEmpty();
    assertThat(schedule.issued(A, certificate(A, DAY), now)).isFalse();
    assertThat(schedule.nextDue()).isNull();
  }

  @Test
  void what_was_released_and_is_wanted_again_takes_the_result_under_way() {
    schedule.request(A, WARMUP, now);
    schedule.start(now);
    schedule.release(A);
    schedule.request(A, REAL_TIME, now);

    assertThat(schedule.issued(A, certificate(A, DAY), now)).isTrue();
    assertThat(stateOf(A)).isInstanceOf(State.Available.class);
  }

  @Test
  void a_result_nobody_asked_for_is_a_mistake() {
    assertThatThrownBy(() -> schedule.refused(A, "no", now))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(A.uri());
  }

  @Test
  void states_are_spelled_as_in_dumps() {
    failFirst(A);
    schedule.request(B, REAL_TIME, now);

    assertThat(schedule.states().stream().map(status -> status.state().text()))
        .containsExactly("Unavailable: no", "Initializing");
  }
}
