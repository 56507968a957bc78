package dev.kiri.redirect.agent;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deals with events, each pod's one at a time and several pods' side by side, again after a pause
/// where that may help. Events of one pod that wait are one event: the pod is looked up anew
/// anyway. Holds at most one event for each pod. Thread-safe.
final class PodQueue implements AutoCloseable {
  // A pod that is slow, or a ztunnel that does not answer, holds up its own worker only.
  private static final int WORKERS = 4;
  // Upstream's back-off: 5 ms doubled, at most 5 s.
  private static final long FIRST_PAUSE_MILLIS = 5;
  private static final long MAX_PAUSE_MILLIS = 5000;
  /// Failures in a row, a third of a second long, after which somebody may wonder.
  private static final int PATIENCE = 7;

  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private final Function<PodEvent, Outcome> worker;
  private final BiConsumer<Pod, String> stuck;
  private final ExecutorService workers =
      Executors.newFixedThreadPool(WORKERS, Thread.ofPlatform().name("pod-", 0).daemon().factory());
  private final ScheduledExecutorService pauses =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("pod-retries").daemon().factory());
  private final Map<String, Mailbox> mailboxes = new HashMap<>();

  /// @param stuck told of pods that still fail after a while, and why
  PodQueue(Function<PodEvent, Outcome> worker, BiConsumer<Pod, String> stuck) {
    this.worker = worker;
    this.stuck = stuck;
  }

  /// What one pod has waiting. Guarded by the queue.
  private static final class Mailbox {
    private @Nullable PodEvent waiting;
    private boolean busy;
    private int failures;
    // Tells the pause that counts from those that were overtaken by an event.
    private int pauses;
  }

  /// Adds an event.
  synchronized void add(PodEvent event) {
    var mailbox = mailboxes.computeIfAbsent(event.pod().uid(), _ -> new Mailbox());
    mailbox.waiting = mailbox.waiting == null ? event : mailbox.waiting.then(event);
    mailbox.failures = 0;
    if (!mailbox.busy) {
      dispatch(event.pod().uid(), mailbox);
    }
  }

  /// Whether nothing waits and nothing is being done.
  synchronized boolean isIdle() {
    return mailboxes.isEmpty();
  }

  private void dispatch(String uid, Mailbox mailbox) {
    mailbox.busy = true;
    try {
      workers.execute(() -> work(uid));
    } catch (RejectedExecutionException closing) {
      LOG.debug("closing, event of pod {} dropped", uid);
    }
  }

  private void work(String uid) {
    var event = take(uid);
    if (event == null) {
      return;
    }
    Outcome outcome;
    try {
      outcome = worker.apply(event);
    } catch (RuntimeException bug) {
      LOG.error("pod {}: unexpected failure", event.pod(), bug);
      outcome = new Outcome.GaveUp(bug.toString());
    }
    // Before the next attempt may begin, which may succeed.
    switch (outcome) {
      case Outcome.TryAgain(var why) when failures(event) + 1 >= PATIENCE ->
          stuck.accept(event.pod(), why);
      case Outcome.GaveUp(var why) -> stuck.accept(event.pod(), why);
      case Outcome.TryAgain _, Outcome.Done _ -> {}
    }
    finish(event, outcome);
  }

  private synchronized int failures(PodEvent event) {
    var mailbox = mailboxes.get(event.pod().uid());
    return mailbox == null ? 0 : mailbox.failures;
  }

  private synchronized @Nullable PodEvent take(String uid) {
    var mailbox = mailboxes.get(uid);
    if (mailbox == null || mailbox.waiting == null) {
      mailboxes.remove(uid);
      return null;
    }
    var event = mailbox.waiting;
    mailbox.waiting = null;
    return event;
  }

  private synchronized void finish(PodEvent event, Outcome outcome) {
    var uid = event.pod().uid();
    var mailbox = mailboxes.get(uid);
    if (mailbox == null) {
      return;
    }
    mailbox.busy = false;
    var newer = mailbox.waiting != null;
    switch (outcome) {
      case Outcome.Done() -> mailbox.failures = 0;
      case Outcome.GaveUp(var why) -> LOG.error("pod {}: failed: {}", event.pod(), why);
      case Outcome.TryAgain(var why) -> {
        complain(event, why, mailbox.failures++);
        var later = mailbox.waiting;
        mailbox.waiting = later == null ? event : event.then(later);
      }
    }
    if (mailbox.waiting == null) {
      mailboxes.remove(uid);
    } else if (newer) {
      dispatch(uid, mailbox);
    } else {
      pause(uid, mailbox);
    }
  }

  private void pause(String uid, Mailbox mailbox) {
    var doubled = FIRST_PAUSE_MILLIS << Math.min(mailbox.failures - 1, 20);
    var number = ++mailbox.pauses;
    try {
      pauses.schedule(
          () -> resume(uid, number), Math.min(MAX_PAUSE_MILLIS, doubled), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closing) {
      LOG.debug("closing, retry of pod {} dropped", uid);
    }
  }

  private synchronized void resume(String uid, int number) {
    var mailbox = mailboxes.get(uid);
    if (mailbox != null && !mailbox.busy && mailbox.pauses == number) {
      dispatch(uid, mailbox);
    }
  }

  // The first failure and each that is worth a pause of seconds; those between only for debugging.
  private static void complain(PodEvent event, String why, int failures) {
    var loud = failures == 0 || FIRST_PAUSE_MILLIS << Math.min(failures, 20) > MAX_PAUSE_MILLIS;
    LOG.atLevel(loud ? org.slf4j.event.Level.WARN : org.slf4j.event.Level.DEBUG)
        .addKeyValue("uid", event.pod().uid())
        .log("pod {}: failed, will try again: {}", event.pod(), why);
  }

  @Override
  public void close() {
    pauses.shutdownNow();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(Duration.ofSeconds(5).toMillis(), TimeUnit.MILLISECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
