package dev.kiri.controlplane;

import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.metrics.ControlPlaneMetrics;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.source.SourceListener;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The index's thread. Sources put batches into a bounded queue, and wait when it is full;
/// everybody who wants to look at the tables does so as a task on this thread.
final class IndexLoop implements SourceListener, AutoCloseable {
  /// Batches and questions that may wait.
  static final int QUEUE = 1024;

  private static final long QUESTION_SECONDS = 10;
  private static final Logger LOG = LoggerFactory.getLogger("index");

  private final MeshIndex index;
  private final ControlPlaneMetrics metrics;
  private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread thread;
  private final CompletableFuture<Void> synced = new CompletableFuture<>();
  private volatile List<Problem> problems = List.of();

  IndexLoop(MeshIndex index, ControlPlaneMetrics metrics) {
    this.index = index;
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().daemon().name("index").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Completes when the first batch is in.
  CompletableFuture<Void> synced() {
    return synced;
  }

  List<Problem> problems() {
    return problems;
  }

  @Override
  public void changed(List<ObjectChange> changes) {
    long since = System.nanoTime();
    put(() -> apply(changes, since));
  }

  @Override
  public void problems(List<Problem> now) {
    problems = now;
  }

  private void apply(List<ObjectChange> changes, long since) {
    long began = System.nanoTime();
    int recomputed = index.apply(changes);
    long nanos = System.nanoTime() - began;
    metrics.source().applied(changes, began - since, nanos);
    metrics.source().services(index.objects().services.rows().size());
    LOG.debug("{} changes, {} rows recomputed in {} us", changes.size(), recomputed, nanos / 1000);
    synced.complete(null);
  }

  /// Runs a question on the index's thread and returns its answer.
  <T> T ask(Callable<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    put(
        () -> {
          try {
            answer.complete(question.call());
          } catch (Exception e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.get(QUESTION_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the index was asked", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the index did not answer", e);
    }
  }

  /// Runs a task on the index's thread, later; waits while too many are waiting.
  void put(Runnable task) {
    try {
      queue.put(task);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        Runnable task = queue.take();
        try {
          task.run();
        } catch (RuntimeException e) {
          LOG.error("a change could not be taken in", e);
          metrics.discovery().internalError();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("index loop ended");
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
