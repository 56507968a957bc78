package dev.kiri.local.pod;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.pod.ContainerRun.RestartPolicy;
import dev.kiri.local.pod.ContainerState.Waiting;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// One pod from its first namespace to its last process. A virtual thread brings it up; [#stop]
/// takes it down from any thread. Every change of its status goes to the observer.
public final class PodLife {
  /// What the pod needs from its surroundings. All methods may be called from any thread.
  public interface Surroundings {
    /// Connects the new namespace to its node.
    void connect(KubeObject pod, NamespaceFile own, long process);

    /// The pod as the store has it now; empty when it was deleted.
    Optional<KubeObject> current();

    /// What containers wait for, because the pod is to be captured and is not yet, or its node is
    /// starting.
    Optional<String> awaitsCapture();

    VolumeSources sources();

    ContainerLauncher launcher();

    InsideSockets sockets();
  }

  private final KubeObject pod;
  private final PodPlace place;
  private final PodVolumes volumes;
  private final Surroundings surroundings;
  private final Consumer<PodStatus> observer;
  private final PodSetup setup;
  private final ReentrantLock reporting = new ReentrantLock();
  private final Instant startedAt = Instant.now();
  private final List<ContainerRun> init = new ArrayList<>();
  private final List<ContainerRun> containers = new ArrayList<>();

  private volatile boolean initialized;
  private volatile boolean stopping;
  private volatile Waiting problem = PodStatus.NO_PROBLEM;

  public PodLife(
      KubeObject pod,
      PodPlace place,
      PodVolumes volumes,
      Surroundings surroundings,
      Consumer<PodStatus> observer) {
    this.pod = pod;
    this.place = place;
    this.volumes = volumes;
    this.surroundings = surroundings;
    this.observer = observer;
    this.setup = new PodSetup(pod, place, volumes, surroundings, this::waitsFor);
  }

  public KubeObject pod() {
    return pod;
  }

  public PodPlace place() {
    return place;
  }

  /// The command line that goes inside; empty until the namespaces are there.
  public Optional<List<String>> enter() {
    return setup.sandbox().map(Sandbox::enter);
  }

  /// The environment of a container.
  public Map<String, String> environment(ContainerSpec container) {
    return Environment.of(surroundings.current().orElse(pod), container, surroundings.sources());
  }

  /// The containers of the pod, in the manifest's order.
  public List<ContainerSpec> specs() {
    return ContainerSpec.containersOf(surroundings.current().orElse(pod));
  }

  /// The file of the network namespace the pod's processes live in.
  public NamespaceFile network() {
    return place.own().orElse(place.node());
  }

  public void start() {
    Thread.ofVirtual().name("pod " + pod.namespace() + "/" + pod.name()).start(this::live);
  }

  private void live() {
    try {
      report();
      var made = setup.run();
      if (made.isPresent()) {
        makeContainers(made.get());
        if (runInit()) {
          initialized = true;
          report();
          containers.forEach(c -> Thread.ofVirtual().name("container").start(c::run));
        }
        report();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void waitsFor(Waiting what) {
    if (!problem.equals(what) || what.equals(PodStatus.NO_PROBLEM)) {
      problem = what;
      report();
    }
  }

  private void makeContainers(Sandbox made) {
    var policy = RestartPolicy.of(pod.textOr("Always", "spec", "restartPolicy"));
    for (var spec : ContainerSpec.initContainersOf(pod)) {
      var own =
          spec.sidecar()
              ? RestartPolicy.ALWAYS
              : policy == RestartPolicy.NEVER ? policy : RestartPolicy.ON_FAILURE;
      init.add(container(spec, own, made));
    }
    ContainerSpec.containersOf(pod).forEach(spec -> containers.add(container(spec, policy, made)));
  }

  private ContainerRun container(ContainerSpec spec, RestartPolicy policy, Sandbox made) {
    var logFile = place.logFolder().resolve(spec.name() + ".log");
    var address = place.addresses().getFirst();
    var prober = new ProbeRun(surroundings.sockets(), place.node(), address, made.enter());
    return new ContainerRun(
        spec, policy, () -> startOnce(spec, made, logFile), prober, logFile, this::report);
  }

  private RunningContainer startOnce(ContainerSpec spec, Sandbox made, java.nio.file.Path logFile)
      throws IOException {
    var now = surroundings.current().orElse(pod);
    var environment = Environment.of(now, spec, surroundings.sources());
    var launch =
        new ContainerLauncher.Start(
            now, spec, environment, made.enter(), network().path(), logFile);
    return surroundings.launcher().start(launch);
  }

  /// Init containers one after the other; sidecars among them are only waited for until they run.
  private boolean runInit() throws InterruptedException {
    var specs = ContainerSpec.initContainersOf(pod);
    for (int i = 0; i < specs.size() && !stopping; i++) {
      var run = init.get(i);
      if (specs.get(i).sidecar()) {
        Thread.ofVirtual().name("sidecar").start(run::run);
        while (!stopping && !run.hasStarted()) {
          Thread.sleep(5);
        }
      } else if (run.run() != 0) {
        return false;
      }
    }
    return !stopping;
  }

  /// Told in the order in which it was looked at: a status that is overtaken by a newer one would
  /// otherwise stay.
  private void report() {
    reporting.lock();
    try {
      if (!stopping) {
        observer.accept(status());
      }
    } finally {
      reporting.unlock();
    }
  }

  private PodStatus status() {
    var waiting =
        new Waiting(setup.sandbox().isEmpty() ? "ContainerCreating" : "PodInitializing", "");
    return new PodStatus(
        statuses(init, "initContainers", waiting),
        statuses(containers, "containers", waiting),
        initialized,
        pod.textOr("Always", "spec", "restartPolicy"),
        place.addresses(),
        place.nodeAddresses(),
        startedAt,
        problem);
  }

  private List<PodStatus.Container> statuses(
      List<ContainerRun> runs, String field, Waiting waiting) {
    if (!runs.isEmpty()) {
      return List.copyOf(runs).stream().map(ContainerRun::status).toList();
    }
    return pod.maps("spec", field).stream()
        .map(
            c ->
                new PodStatus.Container(
                    textIn(c, "name"), textIn(c, "image"), waiting, null, false, 0))
        .toList();
  }

  /// Rewrites the files of volumes made from objects, after one of the objects changed.
  public void refreshVolumes() {
    volumes.refresh(pod, place, surroundings.sources());
  }

  /// Signs its tokens anew where that is due.
  public void renewTokens() {
    volumes.renewIfDue(pod, place, surroundings.sources());
  }

  /// Kills the containers' processes as a crash would; they are restarted.
  public void crash() {
    containers.forEach(ContainerRun::crash);
  }

  /// Ends everything and removes what the pod left. Blocks until it is gone.
  public void stop(boolean atOnce) {
    stopping = true;
    setup.cancel();
    var grace =
        atOnce
            ? Duration.ZERO
            : Duration.ofSeconds(pod.number(30, "spec", "terminationGracePeriodSeconds"));
    var threads = new ArrayList<Thread>();
    for (var run : List.copyOf(containers)) {
      threads.add(Thread.ofVirtual().start(() -> run.stop(grace)));
    }
    List.copyOf(init).forEach(run -> threads.add(Thread.ofVirtual().start(() -> run.stop(grace))));
    try {
      for (var thread : threads) {
        thread.join();
      }
      setup.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    volumes.delete(place);
  }

  @Override
  public String toString() {
    return pod.namespace()
        + "/"
        + pod.name()
        + Map.of("node", textIn(in(pod.fields(), "spec"), "nodeName"));
  }
}
