package dev.kiri.controlplane.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Writes in the background: one at a time, the latest of each subject, and only those that are
/// ours.
class WriteQueueTest implements WriteObserver {
  private static final long PATIENCE_MILLIS = 30_000;

  private final AtomicBoolean ours = new AtomicBoolean(true);
  private final List<String> written = new CopyOnWriteArrayList<>();
  private final AtomicInteger givenUp = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private final WriteQueue queue = new WriteQueue(ours::get, this, 0);

  @AfterEach
  void close() {
    queue.close();
  }

  @Test
  void a_write_that_fails_is_tried_five_times_and_the_next_one_has_its_turn() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    queue.put(
        "bad",
        () -> {
          attempts.incrementAndGet();
          throw new IOException("500");
        });
    queue.put("good", () -> written.add("good"));

    assertThat(queue.awaitIdle(PATIENCE_MILLIS)).isTrue();
    assertThat(attempts).hasValue(WriteQueue.ATTEMPTS);
    assertThat(givenUp).hasValue(1);
    assertThat(written).containsExactly("good");
  }

  @Test
  void a_write_that_succeeds_in_the_end_is_not_given_up() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    queue.put(
        "late",
        () -> {
          if (attempts.incrementAndGet() < WriteQueue.ATTEMPTS) {
            throw new IOException("429");
          }
          written.add("late");
        });

    assertThat(queue.awaitIdle(PATIENCE_MILLIS)).isTrue();
    assertThat(written).containsExactly("late");
    assertThat(givenUp).hasValue(0);
  }

  @Test
  void of_a_subject_that_changes_while_it_waits_only_the_latest_is_written() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    queue.put(
        "first",
        () -> {
          try {
            hold.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    for (int i = 0; i < 1000; i++) {
      String text = "subject " + i;
      queue.put("subject", () -> written.add(text));
    }
    hold.countDown();

    assertThat(queue.awaitIdle(PATIENCE_MILLIS)).isTrue();
    assertThat(written).containsExactly("subject 999");
  }

  @Test
  void what_comes_to_its_turn_while_another_one_leads_is_left_to_it() throws Exception {
    ours.set(false);
    queue.put("theirs", () -> written.add("theirs"));
    assertThat(queue.awaitIdle(PATIENCE_MILLIS)).isTrue();
    ours.set(true);
    queue.put("ours", () -> written.add("ours"));

    assertThat(queue.awaitIdle(PATIENCE_MILLIS)).isTrue();
    assertThat(written).containsExactly("ours");
    assertThat(done).hasValue(1);
  }

  @Override
  public void waiting(int writes) {}

  @Override
  public void taken(long nanosWaited) {
    assertThat(nanosWaited).isNotNegative();
  }

  @Override
  public void done(long nanos) {
    done.incrementAndGet();
  }

  @Override
  public void givenUp() {
    givenUp.incrementAndGet();
  }
}
