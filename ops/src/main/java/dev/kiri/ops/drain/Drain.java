package dev.kiri.ops.drain;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of a process.
///
/// Parts register a [Step] while they start. The main thread calls [#awaitAndRun], which sleeps
/// until someone asks for the end, starts all steps at once and returns when all are finished or
/// the deadline has passed. Thread-safe.
public final class Drain {
  private static final Logger LOG = LoggerFactory.getLogger("drain");

  private static final Duration CLOSING = Duration.ofMillis(500);

  private final Duration deadline;
  private final List<NamedStep> steps = new CopyOnWriteArrayList<>();
  private final CompletableFuture<String> requested = new CompletableFuture<>();
  private final CountDownLatch finished = new CountDownLatch(1);

  private volatile boolean failed;
  private volatile @Nullable Thread runner;

  private record NamedStep(String name, Step step) {}

  /// Finishes a part: stop accepting at once, let what runs go on until it ends or the deadline
  /// passes, then cut it. Called once.
  @FunctionalInterface
  public interface Step {
    CompletionStage<?> drain(Duration deadline);
  }

  public Drain(Duration deadline) {
    this.deadline = deadline;
  }

  /// A drain that SIGTERM and SIGINT start, and that ends the process with code 0 when it is
  /// finished; a second signal ends it at once. Call at most once in a process.
  public static Drain onSignals(Duration deadline) {
    var drain = new Drain(deadline);
    if (!Signals.handle(drain::signalled)) {
      Runtime.getRuntime().addShutdownHook(new Thread(drain::onShutdown, "drain"));
    }
    return drain;
  }

  private void signalled(String signal) {
    if (requested.isDone()) {
      LOG.info("received signal {} again, exit immediately", signal);
      Runtime.getRuntime().halt(failed ? 1 : 0);
    }
    request("received signal " + signal);
    // should the main thread never come to it
    Thread.ofPlatform().daemon().name("drain").start(this::awaitEnd);
  }

  /// Adds a part that has to be finished.
  public void step(String name, Step step) {
    steps.add(new NamedStep(name, step));
  }

  /// Asks for the end; later calls change nothing.
  public void request(String reason) {
    if (requested.complete(reason)) {
      LOG.info("{}, starting shutdown", reason);
    }
  }

  /// Asks for the end because the process cannot go on; the exit code will be 1.
  public void fail(String why) {
    failed = true;
    request(why);
  }

  /// True once the end was asked for.
  public boolean requested() {
    return requested.isDone();
  }

  /// Sleeps until the end is asked for, runs the steps, returns the exit code: 0, also when the
  /// deadline cut something, or 1 after [#fail].
  public int awaitAndRun() throws InterruptedException {
    runner = Thread.currentThread();
    try {
      requested.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
    try {
      runSteps();
    } finally {
      finished.countDown();
    }
    return failed ? 1 : 0;
  }

  private void runSteps() throws InterruptedException {
    LOG.debug("drain started, waiting {} for any connections to complete", deadline);
    var running = steps.stream().map(step -> start(step).toCompletableFuture()).toList();
    var all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
    try {
      // a second more than the parts get, so that they can cut what is left by themselves
      all.get(deadline.toMillis() + 1000, TimeUnit.MILLISECONDS);
      LOG.info("shutdown complete");
    } catch (TimeoutException late) {
      LOG.warn("drain duration expired with pending connections, forcefully shutting down");
    } catch (ExecutionException failed) {
      LOG.warn("shutdown incomplete", failed.getCause());
    }
  }

  private CompletionStage<?> start(NamedStep named) {
    try {
      return named.step().drain(deadline);
    } catch (RuntimeException failed) {
      return CompletableFuture.failedStage(
          new CompletionException("draining " + named.name(), failed));
    }
  }

  /// Runs in the JVM's shutdown: the process was signalled, or its main thread has called exit.
  private void onShutdown() {
    request("received signal SIGTERM");
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (finished.await(deadline.toMillis() + 3000, TimeUnit.MILLISECONDS)) {
        awaitClosing();
        Runtime.getRuntime().halt(failed ? 1 : 0);
      }
      Runtime.getRuntime().halt(1);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// The main thread may still be closing things, its log last; if it then calls exit it waits for
  /// us.
  private void awaitClosing() throws InterruptedException {
    var main = runner;
    if (main != null) {
      main.join(CLOSING);
    }
  }
}
