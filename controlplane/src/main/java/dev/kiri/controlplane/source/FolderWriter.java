package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes objects into an objects folder and status into an overlay tree, each file under a hidden
/// name first and then renamed, so that no reader sees half a file. Thread-safe.
public final class FolderWriter implements ObjectWriter {
  private static final Logger LOG = LoggerFactory.getLogger("write");

  private final Path objects;
  private final Path overlay;
  private final Clock clock;
  private final AtomicLong temporary = new AtomicLong();

  /// A writer into the two folders, which are made on demand.
  public FolderWriter(Path objects, Path overlay, Clock clock) {
    this.objects = objects;
    this.overlay = overlay;
    this.clock = clock;
  }

  @Override
  public synchronized void apply(ObjectKey key, Map<String, Object> object) throws IOException {
    Path file = Layout.file(objects, key);
    Map<?, ?> existing = read(file);
    Map<String, Object> merged = existing == null ? object : Yaml.merge(existing, object);
    if (merged.equals(existing)) {
      return;
    }
    write(file, withMeta(existing, merged));
  }

  @Override
  public synchronized void delete(ObjectKey key) throws IOException {
    Files.deleteIfExists(Layout.file(objects, key));
    Files.deleteIfExists(Layout.file(overlay, key));
  }

  @Override
  public synchronized Map<String, Object> status(ObjectKey key) throws IOException {
    Map<?, ?> existing = read(Layout.file(overlay, key));
    return existing != null && existing.get("status") instanceof Map<?, ?> status
        ? Yaml.merge(Map.of(), status)
        : Map.of();
  }

  @Override
  public synchronized Set<ObjectKey> withStatus() {
    try (Stream<Path> files = Files.walk(overlay)) {
      return files
          .filter(Files::isRegularFile)
          .filter(Layout::isManifest)
          .flatMap(file -> Layout.keyOf(overlay, file).stream())
          .collect(Collectors.toSet());
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cannot list {}: {}", overlay, e.getMessage());
      return Set.of();
    }
  }

  @Override
  public synchronized void writeStatus(ObjectKey key, Map<String, Object> status)
      throws IOException {
    Path file = Layout.file(overlay, key);
    Map<?, ?> existing = read(file);
    Map<String, Object> tree =
        existing == null ? new LinkedHashMap<>() : Yaml.merge(Map.of(), existing);
    tree.remove("status");
    boolean annotated =
        tree.get("metadata") instanceof Map<?, ?> meta && meta.containsKey("annotations");
    if (status.isEmpty() && !annotated) {
      Files.deleteIfExists(file);
      return;
    }
    tree.put("apiVersion", key.kind().apiVersion());
    tree.put("kind", key.kind().kindName());
    Map<String, Object> names = new LinkedHashMap<>();
    names.put("name", key.name());
    if (key.kind().namespaced()) {
      names.put("namespace", key.namespace());
    }
    tree.put(
        "metadata",
        Yaml.merge(
            existing != null && existing.get("metadata") instanceof Map<?, ?> m ? m : Map.of(),
            names));
    if (!status.isEmpty()) {
      tree.put("status", status);
    }
    if (!tree.equals(existing)) {
      write(file, tree);
    }
  }

  private Map<String, Object> withMeta(@Nullable Map<?, ?> existing, Map<String, Object> object) {
    Map<?, ?> old =
        existing != null && existing.get("metadata") instanceof Map<?, ?> m ? m : Map.of();
    long generation = old.get("generation") instanceof Number n ? n.longValue() : 0;
    if (existing == null || !Objects.equals(existing.get("spec"), object.get("spec"))) {
      generation++;
    }
    Map<String, Object> meta = new LinkedHashMap<>();
    meta.put("uid", old.get("uid") instanceof String uid ? uid : UUID.randomUUID().toString());
    meta.put(
        "creationTimestamp",
        old.get("creationTimestamp") instanceof String created
            ? created
            : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    meta.put("generation", generation);
    return Yaml.merge(object, Map.of("metadata", meta));
  }

  private static @Nullable Map<?, ?> read(Path file) throws IOException {
    try {
      var documents = Yaml.documents(Files.readString(file), file.toString());
      return !documents.isEmpty() && documents.getFirst() instanceof Map<?, ?> map ? map : null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (Yaml.Malformed e) {
      throw new IOException("reading " + file + ": " + e.getMessage(), e);
    }
  }

  private void write(Path file, Map<String, Object> tree) throws IOException {
    Path folder = Objects.requireNonNull(file.getParent());
    Files.createDirectories(folder);
    Path hidden =
        folder.resolve("." + file.getFileName() + "." + temporary.incrementAndGet() + ".tmp");
    Files.writeString(hidden, Yaml.write(tree));
    Files.move(hidden, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
