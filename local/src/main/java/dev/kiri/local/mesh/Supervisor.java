package dev.kiri.local.mesh;

import dev.kiri.local.api.MeshState;
import dev.kiri.local.dns.DnsServer;
import dev.kiri.local.fault.Faults;
import dev.kiri.local.image.Programs;
import dev.kiri.local.manifest.SystemManifests;
import dev.kiri.local.network.Fabric;
import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.Tool;
import dev.kiri.local.network.Topology;
import dev.kiri.local.pod.PodVolumes;
import dev.kiri.local.pod.Tokens;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectStore;
import dev.kiri.local.workload.Pods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program inside the mesh's namespaces. Started by `up` with the mesh's name and state folder;
/// runs until it is told to stop or killed, and takes everything with it.
public final class Supervisor {
  private static final Logger log = LoggerFactory.getLogger("supervisor");
  private static final Duration TOKENS_LOOKED_AT = Duration.ofSeconds(10);

  private Supervisor() {}

  public static void main(String[] args) throws Exception {
    var state = new MeshState(args[0], Path.of(args[1]));
    try {
      run(state);
    } catch (Exception e) {
      log.error("the mesh cannot start", e);
      Files.writeString(state.folder().resolve("failed"), String.valueOf(e.getMessage()));
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(MeshState state) throws IOException {
    var options = MeshOptions.read(state.folder());
    var clock = Clock.systemUTC();
    for (var folder : List.of(state.netns(), state.logs(), state.folder().resolve("pods"))) {
      Files.createDirectories(folder);
    }
    shareMounts(state.netns());

    var sockets = new InsideSockets();
    var store =
        new ObjectStore(
            Files.createDirectories(state.objects()),
            Files.createDirectories(state.overlay()),
            clock,
            Supervisor::isHidden);
    var sources = new Sources(options.sources(), state, store, clock);
    var topology = new Topology(nodeNames(options.nodes(), sources.initial()));
    var fabric = new Fabric(topology, state.folder().resolve("nodes"));
    fabric.build();

    var tokens = new Tokens(clock);
    Files.writeString(state.folder().resolve("jwks.json"), tokens.jwks());
    var programs = Programs.of(System.getenv());
    var system = SystemManifests.of(programs.available(), state.folder());
    var echo = new EchoProcess(programs, state);
    var containers = new Containers(programs, echo, options.settings());
    boolean captures =
        programs.available().contains("redirect") && programs.available().contains("ztunnel");
    var fleet =
        new PodFleet(
            store,
            fabric,
            sockets,
            containers,
            new PodVolumes(tokens),
            state.folder(),
            clock,
            captures);
    var loop = new MeshLoop(store, fabric, fleet, clock);
    var dns = new DnsServer(sockets, loop::zone);
    topology.nodes().forEach(n -> dns.listen(fabric.node(n)));
    dns.listen(fabric.router());

    nodeObjects(topology, sources.initial()).forEach(store::put);
    system.forEach(store::put);
    sources.applyInitial();
    loop.start();
    sources.watch();
    Thread.ofVirtual().name("token renewal").start(() -> renewTokens(fleet));
    var faults = new Faults(fabric);
    var operations = new Operations(state, options, store, fleet, loop, sockets, sources, faults);
    var dialer = new Dialer(store, sockets, fabric.node(topology.nodes().getFirst()));
    new ApiServer(state, operations, dialer).serve();
  }

  private static void renewTokens(PodFleet fleet) {
    try {
      while (true) {
        Thread.sleep(TOKENS_LOOKED_AT);
        fleet.renewTokens();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Namespaces bound under this folder later must appear inside pods that see the folder.
  private static void shareMounts(Path folder) {
    Tool.run(List.of("mount", "--bind", folder.toString(), folder.toString()));
    Tool.run(List.of("mount", "--make-shared", folder.toString()));
  }

  /// What stands outside is no business of the mesh's other processes.
  private static boolean isHidden(KubeObject object) {
    return object.kind().equals("Pod") && Pods.isOutside(object);
  }

  private static List<String> nodeNames(int count, List<KubeObject> objects) {
    var out = new ArrayList<String>();
    for (int i = 1; i <= count; i++) {
      out.add("node-" + i);
    }
    objects.stream()
        .filter(o -> o.kind().equals("Node") && !out.contains(o.name()))
        .forEach(o -> out.add(o.name()));
    return out;
  }

  private static List<KubeObject> nodeObjects(Topology topology, List<KubeObject> objects) {
    var out = new ArrayList<KubeObject>();
    for (var name : topology.nodes()) {
      int number = topology.number(name).orElseThrow();
      var given =
          objects.stream()
              .filter(o -> o.kind().equals("Node") && o.name().equals(name))
              .findFirst()
              .orElse(MeshLoop.object("v1", "Node", "", name));
      out.add(node(given, topology, number));
    }
    return out;
  }

  /// A Node object with what a kubelet adds to it.
  static KubeObject node(KubeObject given, Topology topology, int number) {
    var labels =
        new LinkedHashMap<String, Object>(
            Map.of("kubernetes.io/hostname", given.name(), "kubernetes.io/os", "linux"));
    labels.putAll(given.labels());
    var addresses =
        List.of(
            Map.of("type", "InternalIP", "address", topology.nodeAddress(number)),
            Map.of(
                "type", "InternalIP", "address", Topology.canonical(topology.nodeAddress6(number))),
            Map.of("type", "Hostname", "address", given.name()));
    return given
        .with(labels, "metadata", "labels")
        .with(topology.podRange(number), "spec", "podCIDR")
        .with(List.of(topology.podRange(number), topology.podRange6(number)), "spec", "podCIDRs")
        .with(addresses, "status", "addresses")
        .with(
            List.of(Map.of("type", "Ready", "status", "True", "reason", "KubeletReady")),
            "status",
            "conditions");
  }
}
