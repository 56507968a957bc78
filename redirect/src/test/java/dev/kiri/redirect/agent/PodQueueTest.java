package dev.kiri.redirect.agent;

import static dev.kiri.redirect.agent.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodQueueTest {
  private final List<PodEvent> dealtWith = new CopyOnWriteArrayList<>();
  private final List<String> stuck = new CopyOnWriteArrayList<>();
  private PodQueue queue;

  private void start(Function<PodEvent, Outcome> worker) {
    queue =
        new PodQueue(
            event -> {
              dealtWith.add(event);
              return worker.apply(event);
            },
            (pod, why) -> stuck.add(pod + ": " + why));
  }

  @AfterEach
  void close() {
    queue.close();
  }

  @Test
  void an_event_that_fails_is_dealt_with_again_until_it_succeeds() {
    var left = new AtomicInteger(3);
    start(_ -> left.getAndDecrement() > 0 ? new Outcome.TryAgain("not yet") : new Outcome.Done());

    queue.add(new PodEvent.Updated(pod().build()));

    await().until(queue::isIdle);
    assertThat(dealtWith).hasSize(4);
  }

  @Test
  void a_pod_that_still_fails_after_a_while_is_told_of_and_one_that_waited_shortly_is_not() {
    var left = new AtomicInteger(3);
    start(_ -> left.getAndDecrement() > 0 ? new Outcome.TryAgain("soon") : new Outcome.Done());
    queue.add(new PodEvent.Updated(pod().build()));
    await().until(queue::isIdle);
    assertThat(stuck).isEmpty();

    left.set(8);
    queue.add(new PodEvent.Updated(pod().build()));
    await().until(queue::isIdle);

    assertThat(stuck).containsOnly(pod().build() + ": soon").hasSize(2);
  }

  @Test
  void an_event_that_is_given_up_is_dealt_with_once() {
    start(_ -> new Outcome.GaveUp("no use"));

    queue.add(new PodEvent.Updated(pod().build()));

    await().until(queue::isIdle);
    assertThat(dealtWith).hasSize(1);
  }

  @Test
  void a_worker_that_breaks_does_not_stop_the_queue() {
    start(
        _ -> {
          throw new IllegalStateException("broken for this test");
        });

    queue.add(new PodEvent.Updated(pod().build()));
    await().until(queue::isIdle);
    queue.add(new PodEvent.Updated(pod().build()));

    await().until(queue::isIdle);
    assertThat(dealtWith).hasSize(2);
  }

  @Test
  void events_that_come_while_one_is_dealt_with_are_dealt_with_once_after_it() throws Exception {
    var entered = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    start(
        _ -> {
          entered.countDown();
          try {
            goOn.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
          return new Outcome.Done();
        });
    queue.add(new PodEvent.Updated(pod().build()));
    entered.await();

    queue.add(new PodEvent.Updated(pod().pending().build()));
    queue.add(new PodEvent.Updated(pod().enabled().build()));
    goOn.countDown();

    await().until(queue::isIdle);
    assertThat(dealtWith)
        .containsExactly(
            new PodEvent.Updated(pod().build()), new PodEvent.Updated(pod().pending().build()));
  }

  @Test
  void events_during_a_pause_do_not_make_the_pauses_shorter_afterwards() {
    start(_ -> new Outcome.TryAgain("never"));

    for (var i = 0; i < 20; i++) {
      queue.add(new PodEvent.Updated(pod().build()));
    }

    // Pauses of 5, 10, 20, 40 ms and so on: with one chain of them 40 attempts would take hours.
    await().during(java.time.Duration.ofMillis(400)).until(() -> dealtWith.size() < 40);
  }
}
