package dev.kiri.local.command;

import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.api.MeshState;
import dev.kiri.local.image.Programs;
import dev.kiri.local.machine.Fitness;
import dev.kiri.local.machine.Fitness.Fit;
import dev.kiri.local.machine.Fitness.Unfit;
import dev.kiri.local.machine.Machine;
import dev.kiri.local.machine.MachineFacts.RefusedPort;
import dev.kiri.local.manifest.ManifestReader;
import dev.kiri.local.manifest.Manifests;
import dev.kiri.local.manifest.Problem;
import dev.kiri.local.manifest.Problem.Severity;
import dev.kiri.local.manifest.Schemas;
import dev.kiri.local.mesh.MeshOptions;
import dev.kiri.local.mesh.Supervisor;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Brings a mesh up: checks the manifests and the machine before anything is changed, then starts
/// the supervisor in namespaces of its own and waits for it. Confined to one thread, but for
/// [#started].
final class Launch {
  private final MeshState state;
  private final List<String> files;
  private final int nodes;
  private final Map<String, String> settings;
  private final List<String> published;
  private volatile boolean started;
  private @Nullable Process process;

  Launch(
      MeshState state,
      List<String> files,
      int nodes,
      Map<String, String> settings,
      List<String> published) {
    this.state = state;
    this.files = files;
    this.nodes = nodes;
    this.settings = settings;
    this.published = published;
  }

  boolean started() {
    return started;
  }

  void forget() {
    started = false;
  }

  /// Returns the milliseconds it took until everything was ready.
  ///
  /// @throws MeshException naming all errors of the manifests, or what did not become ready
  long run(Duration limit, Consumer<String> progress) {
    var begin = Instant.now();
    mustNotRun();
    var refusedPorts = Publisher.refused(published);
    var stdin = files.contains("-") ? standardInput() : "";
    check(stdin, progress);
    boolean rootless = isFit(refusedPorts);
    claimFolder();
    var sources = new ArrayList<String>();
    for (var file : files) {
      sources.add(
          file.equals("-") ? keep(stdin) : Path.of(file).toAbsolutePath().normalize().toString());
    }
    new MeshOptions(state.name(), nodes, sources, settings, rootless).write(state.folder());
    start(rootless);
    var mesh = awaitSocket(begin.plus(limit));
    progress.accept(
        "supervisor runs (" + Duration.between(begin, Instant.now()).toMillis() + " ms)");
    mesh.awaitReady(limit, begin, progress);
    Publisher.startAll(state, published);
    return Duration.between(begin, Instant.now()).toMillis();
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("reading standard input", e);
    }
  }

  private void check(String stdin, Consumer<String> progress) {
    var reader = new ManifestReader();
    for (var file : files) {
      if (file.equals("-")) {
        reader.readText("-", stdin);
      } else {
        reader.read(Path.of(file));
      }
    }
    var checked = new Manifests(Schemas.load()).check(reader.manifests(), nodeObjects());
    var problems = new ArrayList<>(reader.problems());
    problems.addAll(checked.problems());
    problems.stream()
        .filter(p -> p.severity() == Severity.WARNING)
        .forEach(p -> progress.accept(p.toString()));
    var errors =
        problems.stream()
            .filter(p -> p.severity() != Severity.WARNING)
            .map(Problem::toString)
            .toList();
    if (!errors.isEmpty()) {
      throw new MeshException(
          String.join("\n", errors)
              + "\n"
              + errors.size()
              + (errors.size() == 1 ? " error" : " errors")
              + " in the manifests; nothing was started");
    }
  }

  private List<KubeObject> nodeObjects() {
    return IntStream.rangeClosed(1, nodes)
        .mapToObj(
            n -> KubeObject.of(Map.of("kind", "Node", "metadata", Map.of("name", "node-" + n))))
        .toList();
  }

  /// Whether a user namespace is needed.
  ///
  /// @throws MissingPrerequisite listing everything that this machine lacks
  private boolean isFit(List<RefusedPort> refusedPorts) {
    return switch (Fitness.of(Machine.own().look(state.folder(), refusedPorts))) {
      case Fit(boolean rootless) -> rootless;
      case Unfit(var lacks) -> throw new MissingPrerequisite(String.join("\n", lacks));
    };
  }

  /// @throws MeshException where a mesh of this name runs
  void mustNotRun() {
    if (state.process().isPresent()) {
      throw new MeshException(
          "mesh "
              + state.name()
              + " runs already: stop it with ./kiri down --name "
              + state.name()
              + ", or give this one another --name");
    }
  }

  private void claimFolder() {
    mustNotRun();
    Teardown.of(state); // what a crash may have left
    started = true;
    try {
      Files.createDirectories(state.folder());
    } catch (IOException e) {
      throw new MeshException(
          "the folder " + state.folder() + " cannot be made: " + e.getMessage(), e);
    }
  }

  private String keep(String stdin) {
    var file = state.folder().resolve("stdin.yaml");
    try {
      Files.writeString(file, stdin);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
    return file.toString();
  }

  private void start(boolean rootless) {
    var line =
        new ArrayList<>(
            List.of(
                "unshare",
                "--fork",
                "--pid",
                "--kill-child",
                "--mount-proc",
                "--mount",
                "--net",
                "--uts"));
    if (rootless) {
      line.addAll(List.of("--user", "--map-root-user"));
    }
    // The shell is the first process of the new namespace and takes care of orphans; when the
    // supervisor ends, so does the shell, and with it everything.
    line.addAll(List.of("sh", "-c", "\"$@\"; exit $?", "kiri"));
    line.addAll(Programs.of(System.getenv()).own(Supervisor.class));
    line.addAll(List.of(state.name(), state.folder().toString()));
    try {
      process =
          new ProcessBuilder(MeshState.recording(state.processFile(), line))
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(state.supervisorLog().toFile())
              .start();
    } catch (IOException e) {
      throw new MeshException("the supervisor could not be started: " + e.getMessage(), e);
    }
  }

  private LocalMesh awaitSocket(Instant until) {
    while (Instant.now().isBefore(until)) {
      var begun = java.util.Objects.requireNonNull(process);
      if (!begun.isAlive()) {
        throw new MeshException(
            "the supervisor ended with " + begun.exitValue() + ": " + lastWords());
      }
      if (Files.exists(state.socket())) {
        try {
          return LocalMesh.find(state.name());
        } catch (MeshException e) {
          // bound, but not listening yet
        }
      }
      pause();
    }
    throw new MeshException("the supervisor did not answer in time: " + lastWords());
  }

  private String lastWords() {
    try {
      var failed = state.folder().resolve("failed");
      var file = Files.exists(failed) ? failed : state.supervisorLog();
      var lines = Files.readAllLines(file);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    } catch (IOException e) {
      return "it left no log";
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeshException("interrupted");
    }
  }

  /// Waits until the mesh ends by itself or by another command.
  int awaitEnd() throws InterruptedException {
    return java.util.Objects.requireNonNull(process).waitFor() == 0 ? 0 : 1;
  }
}
