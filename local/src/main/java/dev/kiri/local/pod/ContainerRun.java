package dev.kiri.local.pod;

import dev.kiri.local.pod.ContainerState.Running;
import dev.kiri.local.pod.ContainerState.Terminated;
import dev.kiri.local.pod.ContainerState.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Runs one container again and again as its restart policy says, and keeps its probes going. Its
/// virtual thread calls [#run]; the state may be read and [#stop] called from anywhere.
final class ContainerRun {
  private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(1);
  private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(1);

  /// A run this long proves that the container works; the next failure starts from no back-off.
  private static final Duration PROVEN = Duration.ofSeconds(30);

  /// Starts the container once.
  interface Starter {
    RunningContainer start() throws IOException;
  }

  private final ContainerSpec spec;
  private final RestartPolicy restart;
  private final Starter starter;
  private final ProbeRun prober;
  private final Path log;
  private final Runnable changed;

  private volatile ContainerState state = new Waiting("ContainerCreating", "");
  private volatile @Nullable Terminated last;
  private volatile boolean ready;
  private final AtomicInteger restarts = new AtomicInteger();
  private volatile boolean stopping;
  private volatile @Nullable RunningContainer current;
  private volatile @Nullable Thread runner;

  /// When a container that ended is started again.
  enum RestartPolicy {
    ALWAYS,
    ON_FAILURE,
    NEVER;

    static RestartPolicy of(String text) {
      return switch (text) {
        case "Never" -> NEVER;
        case "OnFailure" -> ON_FAILURE;
        default -> ALWAYS;
      };
    }

    boolean startsAgain(int exitCode) {
      return switch (this) {
        case ALWAYS -> true;
        case ON_FAILURE -> exitCode != 0;
        case NEVER -> false;
      };
    }
  }

  ContainerRun(
      ContainerSpec spec,
      RestartPolicy restart,
      Starter starter,
      ProbeRun prober,
      Path log,
      Runnable changed) {
    this.spec = spec;
    this.restart = restart;
    this.starter = starter;
    this.prober = prober;
    this.log = log;
    this.changed = changed;
  }

  PodStatus.Container status() {
    return new PodStatus.Container(spec.name(), spec.image(), state, last, ready, restarts.get());
  }

  boolean hasStarted() {
    return state instanceof Running;
  }

  /// Returns the exit code of the last run, when no other follows.
  int run() {
    runner = Thread.currentThread();
    var backOff = Duration.ZERO;
    while (true) {
      var startedAt = Instant.now();
      int code = once(startedAt);
      var ended = new Terminated(code, startedAt, Instant.now());
      ready = false;
      if (stopping || !restart.startsAgain(code)) {
        become(ended);
        return code;
      }
      last = ended;
      if (Duration.between(startedAt, ended.finishedAt()).compareTo(PROVEN) > 0) {
        backOff = Duration.ZERO;
      }
      become(
          new Waiting(
              "CrashLoopBackOff",
              "exit code " + code + "; next start in " + backOff.toSeconds() + " s"));
      if (!pause(backOff)) {
        become(ended);
        return code;
      }
      restarts.incrementAndGet();
      backOff = next(backOff);
    }
  }

  static Duration next(Duration backOff) {
    if (backOff.isZero()) {
      return FIRST_BACK_OFF;
    }
    var doubled = backOff.multipliedBy(2);
    return doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
  }

  private int once(Instant startedAt) {
    RunningContainer container;
    try {
      container = starter.start();
    } catch (IOException | RuntimeException e) {
      note("the container could not be started: " + e.getMessage());
      return 128;
    }
    current = container;
    if (stopping) {
      container.stop(Duration.ZERO);
    }
    ready = spec.readiness().isEmpty() && spec.startup().isEmpty();
    become(new Running(startedAt));
    var probes = Thread.ofVirtual().name("probes " + spec.name()).start(() -> probe(container));
    try {
      return container.exit().join();
    } catch (CompletionException | CancellationException e) {
      note("the container was lost: " + e.getMessage());
      return 137;
    } finally {
      current = null;
      probes.interrupt();
    }
  }

  private void probe(RunningContainer container) {
    try {
      if (spec.startup().isPresent() && !started(spec.startup().get())) {
        note("startup probe failed; the container is restarted");
        container.stop(Duration.ofSeconds(2));
        return;
      }
      setReady(spec.readiness().isEmpty());
      spec.liveness()
          .ifPresent(
              p ->
                  Thread.ofVirtual()
                      .name("liveness " + spec.name())
                      .start(() -> watch(p, container)));
      if (spec.readiness().isPresent()) {
        keepReadiness(spec.readiness().get(), container);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the run is over
    }
  }

  private boolean started(Probe probe) throws InterruptedException {
    Thread.sleep(probe.initialDelay());
    for (int failures = 0; failures < probe.failureThreshold(); failures++) {
      var until = Instant.now().plus(probe.period());
      do { // more often than asked, for a quick start; only one failure a period counts
        if (prober.ask(probe.check(), probe.timeout())) {
          return true;
        }
        Thread.sleep(quick(probe.period()));
      } while (Instant.now().isBefore(until));
    }
    return false;
  }

  private void keepReadiness(Probe probe, RunningContainer container) throws InterruptedException {
    Thread.sleep(probe.initialDelay());
    int successes = 0;
    int failures = 0;
    while (!container.exit().isDone()) {
      if (prober.ask(probe.check(), probe.timeout())) {
        failures = 0;
        successes++;
        if (successes >= probe.successThreshold()) {
          setReady(true);
        }
      } else {
        successes = 0;
        failures++;
        if (failures >= probe.failureThreshold()) {
          setReady(false);
        }
      }
      Thread.sleep(ready ? probe.period() : quick(probe.period()));
    }
  }

  private void watch(Probe probe, RunningContainer container) {
    try {
      Thread.sleep(probe.initialDelay());
      int failures = 0;
      while (!container.exit().isDone()) {
        failures = prober.ask(probe.check(), probe.timeout()) ? 0 : failures + 1;
        if (failures >= probe.failureThreshold()) {
          note("liveness probe failed " + failures + " times; the container is restarted");
          container.stop(Duration.ofSeconds(2));
          return;
        }
        Thread.sleep(probe.period());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration quick(Duration period) {
    var tenth = Duration.ofMillis(100);
    return period.compareTo(tenth) < 0 ? period : tenth;
  }

  private void setReady(boolean now) {
    if (ready != now && !stopping) {
      ready = now;
      changed.run();
    }
  }

  private void become(ContainerState next) {
    state = next;
    changed.run();
  }

  private boolean pause(Duration time) {
    try {
      Thread.sleep(time);
      return !stopping;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /// Writes a line of ours into the container's log.
  private void note(String text) {
    try {
      Files.writeString(
          log, "kiri: " + text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      // the log folder went with the pod
    }
  }

  /// Ends the container for good; returns when it has ended.
  void stop(Duration grace) {
    stopping = true;
    ready = false;
    var thread = runner;
    if (thread != null && state instanceof Waiting) {
      thread.interrupt();
    }
    var container = current;
    if (container != null) {
      container.stop(grace);
    }
  }

  /// Kills the container's process as a crash would; it is restarted.
  void crash() {
    var container = current;
    if (container != null) {
      container.stop(Duration.ZERO);
    }
  }
}
