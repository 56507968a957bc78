package dev.kiri.local.mesh;

import dev.kiri.local.api.MeshException;
import dev.kiri.local.api.MeshState;
import dev.kiri.local.fault.Faults;
import dev.kiri.local.manifest.Manifest;
import dev.kiri.local.manifest.Origin;
import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.Tool.ToolFailed;
import dev.kiri.local.pod.ContainerSpec;
import dev.kiri.local.pod.PodLife;
import dev.kiri.local.store.Kind;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import dev.kiri.local.store.ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What the command line can ask of a running mesh. Every method may block; thread-safe.
final class Operations {
  private final MeshState state;
  private final MeshOptions options;
  private final ObjectStore store;
  private final PodFleet fleet;
  private final MeshLoop loop;
  private final InsideSockets sockets;
  private final Sources sources;
  private final MadeObjects made;
  private final Faults faults;
  private final ReadyWait ready;

  Operations(
      MeshState state,
      MeshOptions options,
      ObjectStore store,
      PodFleet fleet,
      MeshLoop loop,
      InsideSockets sockets,
      Sources sources,
      Faults faults) {
    this.state = state;
    this.options = options;
    this.store = store;
    this.made = new MadeObjects(store);
    this.fleet = fleet;
    this.loop = loop;
    this.sockets = sockets;
    this.sources = sources;
    this.faults = faults;
    var readiness = new Readiness(store, fleet, loop, sockets);
    this.ready = new ReadyWait(store, readiness::missing, System::nanoTime);
  }

  Map<String, Object> run(KubeObject question, Consumer<String> progress) {
    return switch (question.text("op")) {
      case "get" -> get(question);
      case "apply" -> apply(question);
      case "delete" -> Map.of("deleted", sources.delete(key(question)));
      case "wait" -> await(question, progress);
      case "enter" -> enter(question);
      case "http" -> http(question);
      case "capture" ->
          Capture.run(question.text("needle"), question.number(1000, "millis"), progress);
      case "crash" -> crash(question);
      case "fault" -> fault(question);
      case "stop" -> stop();
      default -> throw new MeshException("there is no operation named " + question.text("op"));
    };
  }

  private static ObjectKey key(KubeObject question) {
    return ObjectKey.of(question.text("kind"), question.text("namespace"), question.text("name"));
  }

  private Map<String, Object> get(KubeObject question) {
    var namespace = question.text("namespace");
    var kind = question.text("kind");
    boolean all = namespace.isEmpty() || !Kind.named(kind).namespaced();
    var objects = all ? store.list(kind) : store.list(kind, namespace);
    var conditions = sources.conditions();
    return Map.of(
        "items", objects.stream().map(o -> made.shown(conditions.shown(o)).fields()).toList());
  }

  private Map<String, Object> apply(KubeObject question) {
    var documents = question.maps("objects");
    var origins = question.maps("origins");
    var manifests = new java.util.ArrayList<Manifest>();
    for (int i = 0; i < documents.size(); i++) {
      var origin =
          i < origins.size()
              ? new Origin(
                  KubeObject.textIn(origins.get(i), "file"),
                  KubeObject.numberIn(origins.get(i), 1, "document"))
              : new Origin("request", i + 1);
      manifests.add(new Manifest(origin, KubeObject.of(documents.get(i))));
    }
    return Map.of("warnings", sources.apply(manifests));
  }

  private Map<String, Object> await(KubeObject question, Consumer<String> progress) {
    ready.await(
        Duration.ofMillis(question.number(30_000, "millis")),
        Duration.ofMillis(question.number(0, "spent")),
        progress);
    return Map.of("ready", true);
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeshException("interrupted");
    }
  }

  private PodLife life(KubeObject question) {
    var namespace = question.text("namespace");
    var pod = question.text("pod");
    return fleet
        .life(namespace, pod)
        .orElseThrow(() -> new MeshException("there is no pod " + namespace + "/" + pod));
  }

  private Map<String, Object> enter(KubeObject question) {
    var life = life(question);
    var command =
        life.enter()
            .orElseThrow(
                () -> new MeshException("pod " + question.text("pod") + " has not started yet"));
    var container = container(life, question.text("container"));
    var withEnvironment = new java.util.ArrayList<>(command);
    withEnvironment.addAll(List.of("env", "-i"));
    life.environment(container).forEach((k, v) -> withEnvironment.add(k + "=" + v));
    if (!container.workingDir().isEmpty()) {
      withEnvironment.addAll(
          List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", container.workingDir()));
    }
    return Map.of("command", withEnvironment, "rootless", options.rootless());
  }

  /// The container of that name, the first one where none is named.
  private static ContainerSpec container(PodLife life, String name) {
    var specs = life.specs();
    return specs.stream()
        .filter(c -> name.isEmpty() || c.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new MeshException(
                    "the pod has no container "
                        + name
                        + "; accepted: "
                        + String.join(", ", specs.stream().map(ContainerSpec::name).toList())));
  }

  private Map<String, Object> http(KubeObject question) {
    var life = life(question);
    try {
      return new InsideHttp(sockets, life.network())
          .request(
              question.textOr("127.0.0.1", "address"),
              question.number(0, "port"),
              question.textOr("GET", "method"),
              question.textOr("/", "path"));
    } catch (IOException e) {
      throw new MeshException(
          "port "
              + question.number(0, "port")
              + " in pod "
              + question.text("pod")
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private Map<String, Object> crash(KubeObject question) {
    life(question).crash();
    return Map.of("crashed", true);
  }

  private Map<String, Object> fault(KubeObject question) {
    try {
      switch (question.text("fault")) {
        case "partition" -> {
          var nodes = KubeObject.textsOf(question.at("nodes"));
          faults.partition(nodes.getFirst(), nodes.getLast());
        }
        case "clear" -> faults.clear();
        case "loss" -> faults.lose(life(question).network(), effect(question));
        default -> faults.delay(life(question).network(), effect(question));
      }
    } catch (IllegalArgumentException | ToolFailed e) {
      throw new MeshException(String.valueOf(e.getMessage()), e);
    }
    return Map.of("done", true);
  }

  private static String effect(KubeObject question) {
    return KubeObject.textsOf(question.at("effect")).getLast();
  }

  /// Ends the whole mesh by ending this process, the first of its namespaces.
  private Map<String, Object> stop() {
    loop.close();
    fleet.stopAll();
    Thread.ofPlatform()
        .start(
            () -> {
              pause(50); // lets the answer out
              Runtime.getRuntime().halt(0);
            });
    return Map.of("stopped", state.name());
  }
}
