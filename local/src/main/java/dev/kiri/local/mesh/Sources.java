package dev.kiri.local.mesh;

import dev.kiri.controlplane.source.FolderWatch;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.api.MeshState;
import dev.kiri.local.manifest.Manifest;
import dev.kiri.local.manifest.ManifestReader;
import dev.kiri.local.manifest.Manifests;
import dev.kiri.local.manifest.Problem;
import dev.kiri.local.manifest.Problem.Severity;
import dev.kiri.local.manifest.Schemas;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import dev.kiri.local.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The user's files: read at the start, watched afterwards. A change is taken as a whole or not at
/// all, and what was wrong with it goes to the supervisor's log. Thread-safe.
final class Sources {
  private static final Logger log = LoggerFactory.getLogger("manifests");

  private final List<Path> paths;
  private final MeshState state;
  private final ObjectStore store;
  private final Clock clock;
  private final Manifests manifests = new Manifests(Schemas.load());
  private final List<Manifest> first;
  private final Applier applier;
  private Set<ObjectKey> fromFiles = new HashSet<>();
  private volatile ManifestConditions conditions = ManifestConditions.NONE;

  Sources(List<String> sources, MeshState state, ObjectStore store, Clock clock) {
    this.paths = sources.stream().map(Path::of).toList();
    this.state = state;
    this.store = store;
    this.clock = clock;
    this.applier = new Applier(store, clock);
    var reader = read();
    this.first = manifests.check(reader.manifests(), List.of()).accepted();
  }

  private ManifestReader read() {
    var reader = new ManifestReader();
    paths.forEach(reader::read);
    return reader;
  }

  /// The objects of the files as they were when this was made.
  List<KubeObject> initial() {
    return first.stream().map(Manifest::object).toList();
  }

  void applyInitial() {
    initial().stream().filter(o -> !o.kind().equals("Node")).forEach(applier::apply);
    fromFiles = keys(first);
  }

  private static Set<ObjectKey> keys(List<Manifest> manifests) {
    var out = new HashSet<ObjectKey>();
    manifests.forEach(m -> out.add(m.object().key()));
    return out;
  }

  /// Follows the files from now on.
  void watch() {
    try {
      for (var path : paths) {
        var folder = path.getParent();
        if (path.startsWith(state.folder())) {
          continue; // a copy of standard input
        }
        if (Files.isDirectory(path)) {
          var watch = new FolderWatch(_ -> filesChanged());
          watch.add(path);
          watch.start();
        } else if (folder != null) {
          var watch = new FolderWatch(changed -> fileChanged(path, changed));
          watch.addFlat(folder);
          watch.start();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("watching the manifests", e);
    }
  }

  private void fileChanged(Path file, Set<Path> changed) {
    if (changed.contains(file) || changed.contains(FolderWatch.EVERYTHING)) {
      filesChanged();
    }
  }

  /// What is wrong with manifests that were changed and not taken.
  ManifestConditions conditions() {
    return conditions;
  }

  private synchronized void filesChanged() {
    var reader = read();
    var checked = manifests.check(reader.manifests(), store.all());
    var problems = new ArrayList<>(reader.problems());
    problems.addAll(checked.problems());
    remember(problems);
    conditions = ManifestConditions.of(reader.manifests(), problems);
    if (problems.stream().anyMatch(p -> p.severity() == Severity.ERROR)) {
      log.warn("the changed manifests have errors; the mesh stays as it was");
      return;
    }
    var now = keys(checked.accepted());
    checked.accepted().stream().map(Manifest::object).forEach(applier::apply);
    for (var gone : fromFiles) {
      if (!now.contains(gone)) {
        delete(gone);
      }
    }
    fromFiles = now;
  }

  private void remember(List<Problem> problems) {
    for (var problem : problems) {
      log.warn("{}", problem);
    }
    try {
      var text = String.join("\n", problems.stream().map(Problem::toString).toList());
      Files.writeString(
          state.folder().resolve("problems"),
          text.isEmpty() ? "" : text + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("writing the list of problems", e);
    }
  }

  /// Applies documents from a command. Returns warnings; nothing is applied when there is an error.
  ///
  /// @throws MeshException listing the errors
  List<String> apply(List<Manifest> documents) {
    var checked = manifests.check(documents, store.all());
    checked
        .refusal()
        .ifPresent(
            text -> {
              throw new MeshException(text);
            });
    checked.accepted().stream().map(Manifest::object).forEach(applier::apply);
    return checked.problems().stream().map(Problem::asWarning).map(Problem::toString).toList();
  }

  /// Deletes an object; a pod is given its time to end.
  boolean delete(ObjectKey key) {
    if (key.kind().equals("Pod") && store.get(key).isPresent()) {
      MeshLoop.terminate(store, key, clock);
      return true;
    }
    if (key.kind().equals("Namespace")) {
      store.all().stream()
          .filter(o -> o.namespace().equals(key.name()))
          .map(KubeObject::key)
          .forEach(this::delete);
    }
    applier.forget(key);
    return store.delete(key);
  }
}
