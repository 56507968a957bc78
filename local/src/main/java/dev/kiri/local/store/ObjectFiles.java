package dev.kiri.local.store;

import dev.kiri.controlplane.source.FolderWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// One folder tree of objects, a file each (`<kind>/<namespace or _>/<name>.yaml`). Writes are
/// atomic: a reader sees the old or
/// the new file, never a part. Thread-safe.
final class ObjectFiles {
  private final Path root;
  private final AtomicLong temporary = new AtomicLong();

  ObjectFiles(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new UncheckedIOException("making " + root, e);
    }
  }

  Path root() {
    return root;
  }

  /// Calls back with the object files that appear, change or go, a batch at a time.
  FolderWatch watch(Consumer<Set<Path>> changed) {
    try {
      var watch = new FolderWatch(paths -> changed.accept(filesAt(paths)));
      watch.add(root);
      watch.start();
      return watch;
    } catch (IOException e) {
      throw new UncheckedIOException("watching " + root, e);
    }
  }

  private Set<Path> filesAt(Set<Path> paths) {
    var out = new LinkedHashSet<Path>();
    for (var path : paths) {
      var start = path.equals(FolderWatch.EVERYTHING) ? root : path;
      if (!Files.isDirectory(start)) {
        out.add(start);
        continue;
      }
      try (var files = Files.walk(start)) {
        files.filter(Files::isRegularFile).forEach(out::add);
      } catch (IOException | UncheckedIOException e) {
        // partly gone: the deletions follow
      }
    }
    out.removeIf(path -> !isObjectFile(path));
    return out;
  }

  void write(ObjectKey key, Map<String, Object> document) {
    var file = root.resolve(key.path());
    try {
      Files.createDirectories(file.getParent());
      var half = file.resolveSibling("." + file.getFileName() + "." + temporary.incrementAndGet());
      Files.writeString(half, Yaml.text(document));
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  void delete(ObjectKey key) {
    try {
      Files.deleteIfExists(root.resolve(key.path()));
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + root.resolve(key.path()), e);
    }
  }

  /// True for the path of an object's file, as opposed to a folder or a half-written file.
  private static boolean isObjectFile(Path path) {
    var name = String.valueOf(path.getFileName());
    return !name.startsWith(".") && name.endsWith(".yaml");
  }

  /// The first document of a file; empty when the file is not there or is no YAML (its writer will
  /// come back).
  static Optional<Map<String, Object>> read(Path file) {
    try {
      var documents = Yaml.documents(file.toString(), Files.readString(file));
      return documents.isEmpty()
          ? Optional.empty()
          : Optional.of(KubeObject.asMap(documents.getFirst()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | YamlEngineException e) {
      return Optional.empty();
    }
  }
}
