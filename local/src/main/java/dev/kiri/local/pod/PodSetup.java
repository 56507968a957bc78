package dev.kiri.local.pod;

import dev.kiri.local.pod.ContainerState.Waiting;
import dev.kiri.local.pod.PodLife.Surroundings;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes what a pod's containers start in: volumes, namespaces, a network, and capture where the
/// pod is to be captured. What fails is tried again after a while, as a kubelet does, and said
/// meanwhile. [#run] belongs to the pod's thread, the rest may be called from any.
final class PodSetup {
  private static final Logger log = LoggerFactory.getLogger("pod");

  /// The reason a kubelet gives, whatever part of the set-up failed.
  private static final String FAILED = "FailedCreatePodSandBox";

  /// After this time it is worth saying what a pod waits for.
  private static final Duration USUAL_ENROLMENT = Duration.ofSeconds(2);

  private static final Duration VOLUMES_LOOKED_AT = Duration.ofMillis(20);
  private static final Duration CAPTURE_LOOKED_AT = Duration.ofMillis(5);
  private static final Duration LONGEST_END = Duration.ofSeconds(10);

  private final KubeObject pod;
  private final PodPlace place;
  private final PodVolumes volumes;
  private final Surroundings surroundings;
  private final Consumer<Waiting> observer;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile @Nullable Sandbox sandbox;

  /// @param observer told what the pod waits for, and [PodStatus#NO_PROBLEM] when for nothing
  PodSetup(
      KubeObject pod,
      PodPlace place,
      PodVolumes volumes,
      Surroundings surroundings,
      Consumer<Waiting> observer) {
    this.pod = pod;
    this.place = place;
    this.volumes = volumes;
    this.surroundings = surroundings;
    this.observer = observer;
  }

  /// The namespaces, as soon as they are there.
  Optional<Sandbox> sandbox() {
    return Optional.ofNullable(sandbox);
  }

  /// Returns when containers may start; empty when the pod was ended before.
  Optional<Sandbox> run() throws InterruptedException {
    try {
      var backOff = ContainerRun.next(Duration.ZERO);
      while (!isCancelled()) {
        try {
          if (awaitVolumes() && connect() && awaitCapture()) {
            return sandbox();
          }
        } catch (IOException | RuntimeException e) {
          log.warn("pod {}/{} cannot start: {}", pod.namespace(), pod.name(), e.getMessage());
          drop();
          var next = "; next attempt in " + backOff.toSeconds() + " s";
          observer.accept(new Waiting(FAILED, e.getMessage() + next));
          pause(backOff);
          backOff = ContainerRun.next(backOff);
        }
      }
      return Optional.empty();
    } finally {
      finished.countDown();
    }
  }

  private boolean awaitVolumes() throws InterruptedException {
    while (!isCancelled()) {
      var missing = PodFiles.missing(pod, surroundings.sources());
      if (missing.isEmpty()) {
        return true;
      }
      var message = "volumes " + missing + " wait for a ConfigMap or Secret that does not exist";
      observer.accept(new Waiting("FailedMount", message));
      pause(VOLUMES_LOOKED_AT);
    }
    return false;
  }

  private boolean connect() throws IOException {
    Files.createDirectories(place.folder().resolve("root"));
    Files.createDirectories(place.logFolder());
    var script = place.folder().resolve("root.sh");
    Files.writeString(script, volumes.rootScript(pod, place, surroundings.sources()));
    var made = Sandbox.start(script, place.own(), place.node(), place.folder().resolve("root.log"));
    sandbox = made;
    place.own().ifPresent(own -> surroundings.connect(pod, own, made.process()));
    observer.accept(PodStatus.NO_PROBLEM);
    return true;
  }

  /// Containers of a pod that is to be captured start captured, or not at all.
  private boolean awaitCapture() throws InterruptedException {
    long patience = System.nanoTime() + USUAL_ENROLMENT.toNanos();
    while (!isCancelled()) {
      var waiting = surroundings.awaitsCapture();
      if (waiting.isEmpty()) {
        observer.accept(PodStatus.NO_PROBLEM);
        return true;
      }
      if (System.nanoTime() > patience) {
        observer.accept(new Waiting(FAILED, waiting.get()));
      }
      pause(CAPTURE_LOOKED_AT);
    }
    return false;
  }

  private void pause(Duration time) throws InterruptedException {
    var _ = cancelled.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private boolean isCancelled() {
    return cancelled.getCount() == 0;
  }

  private void drop() {
    var made = sandbox;
    if (made != null) {
      sandbox = null;
      made.end();
    }
  }

  /// Stops waiting for whatever it waits for.
  void cancel() {
    cancelled.countDown();
  }

  /// Ends every process inside and removes the namespaces. Blocks.
  void end() throws InterruptedException {
    cancel();
    if (!finished.await(LONGEST_END.toMillis(), TimeUnit.MILLISECONDS)) {
      log.warn("the set-up of pod {}/{} does not end", pod.namespace(), pod.name());
    }
    drop();
  }
}
