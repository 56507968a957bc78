package dev.kiri.local.mesh;

import dev.kiri.local.network.Fabric;
import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.network.Topology;
import dev.kiri.local.pod.ContainerLauncher;
import dev.kiri.local.pod.PodLife;
import dev.kiri.local.pod.PodPlace;
import dev.kiri.local.pod.PodStatus;
import dev.kiri.local.pod.PodVolumes;
import dev.kiri.local.pod.VolumeSources;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import dev.kiri.local.store.ObjectStore;
import dev.kiri.local.workload.Pods;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// The pods that exist on this machine. [#sync] is called by the mesh's loop only; the rest from
/// any thread.
final class PodFleet {
  private static final String SYSTEM = "istio-system";

  /// A node that does not get ready does not keep pods outside the mesh from starting for longer.
  private static final Duration LONGEST_NODE_START = Duration.ofSeconds(10);

  private static final String CAPTURED = "ambient.istio.io/redirection";
  private static final String CAPTURE_PROBLEM = "kiri.dev/redirection-message";
  private static final String SIDECAR = "sidecar.istio.io/status";

  private final ObjectStore store;
  private final Fabric fabric;
  private final InsideSockets sockets;
  private final ContainerLauncher launcher;
  private final PodVolumes volumes;
  private final Path state;
  private final Clock clock;
  private final boolean captures;
  private final PodAddressing addressing;
  private final Map<ObjectKey, PodLife> lives = new ConcurrentHashMap<>();

  /// Nodes whose ztunnel is not ready, as of the last [#sync].
  private volatile Set<String> startingNodes = Set.of();

  /// @param captures whether a redirect agent runs, so that pods are worth waiting for
  PodFleet(
      ObjectStore store,
      Fabric fabric,
      InsideSockets sockets,
      ContainerLauncher launcher,
      PodVolumes volumes,
      Path state,
      Clock clock,
      boolean captures) {
    this.store = store;
    this.fabric = fabric;
    this.sockets = sockets;
    this.launcher = launcher;
    this.volumes = volumes;
    this.state = state;
    this.clock = clock;
    this.captures = captures;
    this.addressing = new PodAddressing(fabric.topology());
  }

  Optional<PodLife> life(String namespace, String name) {
    return Optional.ofNullable(lives.get(ObjectKey.of("Pod", namespace, name)));
  }

  /// Starts pods that have a node and do not run, and ends those whose object went or is
  /// terminating.
  void sync(List<KubeObject> pods) {
    startingNodes = captures ? startingNodes(pods) : Set.of();
    for (var pod : pods) {
      var life = lives.get(pod.key());
      boolean other = life != null && !life.pod().uid().equals(pod.uid());
      if (life == null
          && !Pods.isTerminating(pod)
          && !Pods.isFinished(pod)
          && !pod.text("spec", "nodeName").isEmpty()) {
        start(pod);
      } else if (other) {
        end(pod.key(), false);
      } else if (life != null && Pods.isTerminating(pod)) {
        end(pod.key(), true);
      } else if (life == null && Pods.isTerminating(pod)) {
        store.delete(pod.key());
      }
    }
    for (var key : List.copyOf(lives.keySet())) {
      if (pods.stream().noneMatch(p -> p.key().equals(key))) {
        end(key, false);
      }
    }
  }

  private void start(KubeObject pod) {
    var place = place(pod);
    if (place.isEmpty()) {
      return;
    }
    var life =
        new PodLife(pod, place.get(), volumes, new Around(pod), status -> report(pod, status));
    lives.put(pod.key(), life);
    life.start();
  }

  private Optional<PodPlace> place(KubeObject pod) {
    var topology = fabric.topology();
    var nodeName = pod.text("spec", "nodeName");
    var number = topology.number(nodeName);
    boolean outside = Pods.isOutside(pod);
    if (number.isEmpty() && !outside) {
      return Optional.empty();
    }
    var node = outside ? fabric.router() : fabric.node(nodeName);
    List<String> nodeAddresses =
        outside
            ? List.of("203.0.113.1")
            : List.of(
                topology.nodeAddress(number.orElseThrow()),
                Topology.canonical(topology.nodeAddress6(number.orElseThrow())));
    boolean shares = pod.flag(false, "spec", "hostNetwork");
    List<String> addresses = shares ? nodeAddresses : addressing.allocate(pod).all();
    Optional<NamespaceFile> own =
        shares
            ? Optional.empty()
            : Optional.of(new NamespaceFile(state.resolve("netns").resolve(pod.uid())));
    var logs = state.resolve("logs").resolve(pod.namespace() + "_" + pod.name());
    return Optional.of(
        new PodPlace(
            node, own, addresses, nodeAddresses, state.resolve("pods").resolve(pod.uid()), logs));
  }

  private void end(ObjectKey key, boolean thenDelete) {
    var life = lives.remove(key);
    if (life == null) {
      return;
    }
    Thread.ofVirtual()
        .name("ending " + key)
        .start(
            () -> {
              life.stop(false);
              addressing.release(life.pod());
              if (thenDelete) {
                store.delete(key);
              } else {
                store.touch(key);
              }
            });
  }

  private void report(KubeObject pod, PodStatus status) {
    store.update(
        pod.key(),
        now ->
            now.uid().equals(pod.uid())
                ? now.with(status.fields(now.map("status"), clock.instant()), "status")
                : now);
  }

  /// Whether pods are captured at all.
  boolean captures() {
    return captures;
  }

  /// Why a pod is not captured, as the redirect agent of its node says.
  static String captureProblem(KubeObject pod) {
    return "not captured: "
        + pod.annotations()
            .getOrDefault(
                CAPTURE_PROBLEM, "the redirect agent of its node has not said why (see its log)");
  }

  /// True for a pod that is to be captured and is not yet; as the redirect agent sees it.
  boolean awaitsCapture(KubeObject pod) {
    if (!captures
        || Pods.isOutside(pod)
        || pod.flag(false, "spec", "hostNetwork")
        || pod.annotations().containsKey(SIDECAR)) {
      return false;
    }
    var label = "istio.io/dataplane-mode";
    var namespace =
        store.get("Namespace", "", pod.namespace()).map(KubeObject::labels).orElse(Map.of());
    var mode = pod.labels().getOrDefault(label, namespace.getOrDefault(label, ""));
    return mode.equals("ambient") && !"enabled".equals(pod.annotations().get(CAPTURED));
  }

  /// True for a pod whose node has a ztunnel that is not ready: as in a cluster, where a taint
  /// keeps pods off a node whose agents start (istio
  /// `pilot/pkg/controllers/untaint`, `cni.istio.io/not-ready`), they do
  /// not compete with what they need.
  private boolean awaitsNode(KubeObject pod) {
    return !Pods.isOutside(pod)
        && !pod.namespace().equals(SYSTEM)
        && startingNodes.contains(pod.text("spec", "nodeName"));
  }

  private static Set<String> startingNodes(List<KubeObject> pods) {
    return pods.stream()
        .filter(p -> p.namespace().equals(SYSTEM) && "ztunnel".equals(p.labels().get("app")))
        .filter(p -> !Pods.isReady(p))
        .map(p -> p.text("spec", "nodeName"))
        .collect(Collectors.toSet());
  }

  /// Ends every pod at once; blocks until all are gone.
  void stopAll() {
    var threads =
        lives.values().stream().map(l -> Thread.ofVirtual().start(() -> l.stop(true))).toList();
    for (var thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /// Signs tokens anew that are about to expire.
  void renewTokens() {
    lives.values().forEach(PodLife::renewTokens);
  }

  void refreshVolumes() {
    lives.values().forEach(PodLife::refreshVolumes);
  }

  /// What one pod asks its surroundings.
  private final class Around implements PodLife.Surroundings {
    private final KubeObject pod;
    private final Instant patience = clock.instant().plus(LONGEST_NODE_START);

    Around(KubeObject pod) {
      this.pod = pod;
    }

    @Override
    public void connect(KubeObject connected, NamespaceFile own, long process) {
      boolean outside = Pods.isOutside(connected);
      var node = outside ? fabric.router() : fabric.node(connected.text("spec", "nodeName"));
      fabric.connectPod(node, own, process, addressing.allocate(connected));
    }

    @Override
    public Optional<KubeObject> current() {
      return store.get(pod.key());
    }

    @Override
    public Optional<String> awaitsCapture() {
      var now = current();
      if (now.filter(PodFleet.this::awaitsCapture).isPresent()) {
        return now.map(PodFleet::captureProblem);
      }
      return now.filter(p -> clock.instant().isBefore(patience))
          .filter(PodFleet.this::awaitsNode)
          .map(_ -> "its node is not ready: it waits for the node's ztunnel");
    }

    @Override
    public VolumeSources sources() {
      return (kind, name) -> store.get(kind, pod.namespace(), name);
    }

    @Override
    public ContainerLauncher launcher() {
      return launcher;
    }

    @Override
    public InsideSockets sockets() {
      return sockets;
    }
  }
}
