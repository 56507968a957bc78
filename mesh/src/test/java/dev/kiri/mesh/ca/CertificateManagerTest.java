package dev.kiri.mesh.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.testing.FakeAuthority;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The manager's threads, on the real clock, with short lives and pauses.
class CertificateManagerTest {
  private static final FakeAuthority AUTHORITY = new FakeAuthority("root");
  private static final SpiffeId WEB = SpiffeId.of("cluster.local", "ns", "web");
  private static final CertificateSettings QUICK =
      new CertificateSettings(
          2,
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofMinutes(15),
          0.2,
          0.05,
          Duration.ofMillis(50));

  private final AtomicInteger calls = new AtomicInteger();
  private volatile CertificateSource answer = identity -> issue(identity, Duration.ofDays(1));
  private final CertificateManager manager =
      new CertificateManager(
          identity -> {
            calls.incrementAndGet();
            return answer.fetch(identity);
          },
          QUICK,
          InstantSource.system());

  private static WorkloadCertificate issue(SpiffeId identity, Duration life) {
    return AUTHORITY.workload(identity, Instant.now().minusSeconds(1), life);
  }

  /// Without a stack, which the log would print at length.
  private static IllegalStateException quiet(String message) {
    var exception = new IllegalStateException(message);
    exception.setStackTrace(new StackTraceElement[0]);
    return exception;
  }

  @AfterEach
  void stop() {
    manager.close();
  }

  @Test
  void callers_who_wait_together_share_one_request_and_one_certificate() {
    var gate = new CountDownLatch(1);
    answer =
        identity -> {
          gate.await();
          return issue(identity, Duration.ofDays(1));
        };

    var first = manager.request(WEB);
    var second = manager.request(WEB);
    gate.countDown();

    assertThat(first.join()).isSameAs(second.join()).isSameAs(manager.current(WEB));
    assertThat(manager.request(WEB)).isCompletedWithValue(first.join());
    assertThat(calls).hasValue(1);
  }

  @Test
  void before_it_came_there_is_none_and_nobody_waits() {
    assertThat(manager.current(WEB)).isNull();
    assertThat(calls).hasValue(0);
  }

  @Test
  void no_more_requests_run_at_once_than_allowed() {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    answer =
        identity -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          var certificate = issue(identity, Duration.ofDays(1));
          running.decrementAndGet();
          return certificate;
        };

    var all = new ArrayList<CompletableFuture<WorkloadCertificate>>();
    for (int i = 0; i < 20; i++) {
      all.add(manager.request(SpiffeId.of("cluster.local", "ns", "sa" + i)));
    }
    all.forEach(CompletableFuture::join);

    assertThat(most.get()).isBetween(1, 2);
    assertThat(manager.states()).hasSize(20);
  }

  @Test
  void a_refusal_is_told_to_those_who_wait_and_tried_again() {
    answer =
        identity -> {
          if (calls.get() < 3) {
            throw new CertificateRefused("not yet");
          }
          return issue(identity, Duration.ofDays(1));
        };

    var first = manager.request(WEB);

    assertThatThrownBy(first::join).hasRootCauseMessage("not yet");
    await().until(() -> manager.current(WEB) != null);
    assertThat(manager.request(WEB)).isCompleted();
  }

  @Test
  void what_fails_unexpectedly_is_a_refusal_too() {
    var broken = quiet("broken");
    answer =
        _ -> {
          throw broken;
        };

    assertThatThrownBy(manager.request(WEB)::join).hasMessageContaining("broken");
  }

  @Test
  void a_certificate_is_renewed_and_listeners_hear_of_it() {
    var heard = new CopyOnWriteArrayList<WorkloadCertificate>();
    manager.onChange(heard::add);
    answer = identity -> issue(identity, Duration.ofSeconds(3));

    var first = manager.request(WEB).join();

    await().until(() -> !first.equals(manager.current(WEB)));
    assertThat(heard).hasSizeGreaterThanOrEqualTo(2).startsWith(first);
  }

  @Test
  void a_listener_that_fails_does_not_stop_the_others() {
    var heard = new CopyOnWriteArrayList<WorkloadCertificate>();
    var deaf = quiet("deaf");
    manager.onChange(
        _ -> {
          throw deaf;
        });
    manager.onChange(heard::add);

    manager.request(WEB).join();

    await().until(() -> !heard.isEmpty());
  }

  @Test
  void releasing_an_identity_ends_the_wait_for_it() {
    var gate = new CountDownLatch(1);
    answer =
        identity -> {
          gate.await();
          return issue(identity, Duration.ofDays(1));
        };
    var waiting = manager.request(WEB);

    manager.release(WEB);

    assertThatThrownBy(waiting::join).hasRootCauseMessage("the identity is no longer needed");
    gate.countDown();
    assertThat(manager.states()).isEmpty();
    assertThat(manager.current(WEB)).isNull();
  }

  @Test
  void closing_ends_every_wait() {
    var gate = new CountDownLatch(1);
    answer =
        identity -> {
          gate.await();
          return issue(identity, Duration.ofDays(1));
        };
    var waiting = List.of(manager.request(WEB));

    manager.close();
    gate.countDown();

    assertThatThrownBy(waiting.getFirst()::join).hasRootCauseMessage("shutting down");
    assertThatThrownBy(manager.request(WEB)::join).hasRootCauseMessage("shutting down");
  }
}
