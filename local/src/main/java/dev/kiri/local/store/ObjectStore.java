package dev.kiri.local.store;

import dev.kiri.controlplane.source.FolderWatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// All objects of the mesh, mirrored in two folders: `objects` (whole objects) and `overlay`
/// (status and annotations that
/// other processes add). What others write there is taken up within a few milliseconds.
///
/// Thread-safe. Listeners are called with the keys that changed, on the thread that made or noticed
/// the change; they must be
/// quick and must not call back into a change.
public final class ObjectStore implements AutoCloseable {
  private final ObjectFiles objectFiles;
  private final ObjectFiles overlayFiles;
  private final Clock clock;
  private final Predicate<KubeObject> hidden;
  private final ConcurrentSkipListMap<ObjectKey, KubeObject> objects =
      new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<ObjectKey, Map<String, Object>> overlays =
      new ConcurrentSkipListMap<>();
  private final Map<Path, ObjectKey> foreign = new java.util.concurrent.ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Consumer<Set<ObjectKey>>> listeners =
      new CopyOnWriteArrayList<>();
  private final AtomicLong version = new AtomicLong();
  private final FolderWatch objectWatch;
  private final FolderWatch overlayWatch;

  /// @param hidden objects that other processes must not know of; they are kept in memory only
  public ObjectStore(Path objects, Path overlay, Clock clock, Predicate<KubeObject> hidden) {
    this.objectFiles = new ObjectFiles(objects);
    this.overlayFiles = new ObjectFiles(overlay);
    this.clock = clock;
    this.hidden = hidden;
    this.objectWatch = objectFiles.watch(this::objectsChanged);
    this.overlayWatch = overlayFiles.watch(this::overlaysChanged);
  }

  public void onChange(Consumer<Set<ObjectKey>> listener) {
    listeners.add(listener);
  }

  /// The object with everything others wrote about it.
  public Optional<KubeObject> get(ObjectKey key) {
    return Optional.ofNullable(objects.get(key)).map(o -> complete(key, o));
  }

  public Optional<KubeObject> get(String kind, String namespace, String name) {
    return get(ObjectKey.of(kind, namespace, name));
  }

  /// All objects of a kind by namespace and name.
  public List<KubeObject> list(String kind) {
    return objects.entrySet().stream()
        .filter(e -> e.getKey().kind().equals(kind))
        .map(e -> complete(e.getKey(), e.getValue()))
        .toList();
  }

  public List<KubeObject> list(String kind, String namespace) {
    return list(kind).stream().filter(o -> o.namespace().equals(namespace)).toList();
  }

  public List<KubeObject> all() {
    return objects.entrySet().stream().map(e -> complete(e.getKey(), e.getValue())).toList();
  }

  /// Stores an object as `kubectl apply` would: fills in uid, creation time and generation, keeps
  /// those of an object that is
  /// there already, and does nothing where nothing differs. Returns what is stored now.
  public KubeObject put(KubeObject object) {
    var key = object.key();
    KubeObject stored;
    synchronized (this) {
      var old = objects.get(key);
      stored = completed(object, old);
      if (old != null
          && old.with(null, "metadata", "resourceVersion")
              .equals(stored.with(null, "metadata", "resourceVersion"))) {
        return old;
      }
      objects.put(key, stored);
      mirror(key, stored);
    }
    tell(Set.of(key));
    return stored;
  }

  /// Replaces an object that is there; does nothing when it has gone meanwhile.
  public void update(ObjectKey key, UnaryOperator<KubeObject> change) {
    synchronized (this) {
      var old = objects.get(key);
      if (old == null) {
        return;
      }
      var next = change.apply(old);
      if (next.equals(old)) {
        return;
      }
      next = next.with(Long.toString(version.incrementAndGet()), "metadata", "resourceVersion");
      objects.put(key, next);
      mirror(key, next);
    }
    tell(Set.of(key));
  }

  /// Writes the part of an object that belongs to us although others write the object itself (a
  /// status).
  public void putOverlay(ObjectKey key, Map<String, Object> part) {
    synchronized (this) {
      if (part.equals(overlays.get(key)) || !objects.containsKey(key)) {
        return;
      }
      overlays.put(key, KubeObject.of(part).fields());
      overlayFiles.write(key, part);
    }
    tell(Set.of(key));
  }

  /// Tells the listeners about an object although nothing about it changed.
  public void touch(ObjectKey key) {
    tell(Set.of(key));
  }

  /// Removes an object and what was written about it. Returns false when there was none.
  public boolean delete(ObjectKey key) {
    synchronized (this) {
      if (objects.remove(key) == null) {
        return false;
      }
      overlays.remove(key);
      objectFiles.delete(key);
      overlayFiles.delete(key);
    }
    tell(Set.of(key));
    return true;
  }

  private void mirror(ObjectKey key, KubeObject object) {
    if (!hidden.test(object)) {
      objectFiles.write(key, object.fields());
    }
  }

  private KubeObject complete(ObjectKey key, KubeObject object) {
    var overlay = overlays.get(key);
    return overlay == null ? object : object.mergedWith(overlay);
  }

  private KubeObject completed(KubeObject object, @Nullable KubeObject old) {
    var now = Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
    var specChanged = old == null || !object.map("spec").equals(old.map("spec"));
    var generation =
        old == null ? 1 : old.number(1, "metadata", "generation") + (specChanged ? 1 : 0);
    var out = object;
    if (Kind.named(object.kind()).namespaced()) {
      out = out.with(object.namespace(), "metadata", "namespace");
    }
    var uid =
        old != null
            ? old.uid()
            : object.uid().isEmpty() ? UUID.randomUUID().toString() : object.uid();
    out =
        out.with(uid, "metadata", "uid")
            .with(
                old == null ? now : old.text("metadata", "creationTimestamp"),
                "metadata",
                "creationTimestamp")
            .with(generation, "metadata", "generation")
            .with(Long.toString(version.incrementAndGet()), "metadata", "resourceVersion");
    if (old != null && object.at("status") == null && old.at("status") != null) {
      out = out.with(old.at("status"), "status");
    }
    return out;
  }

  private void objectsChanged(Set<Path> files) {
    var changed = new TreeSet<ObjectKey>();
    files.forEach(file -> takeUp(file, changed));
    tell(changed);
  }

  private void takeUp(Path file, Set<ObjectKey> changed) {
    var document = ObjectFiles.read(file);
    synchronized (this) {
      if (document.isEmpty()) {
        var gone = foreign.get(file);
        if (gone != null && !Files.exists(file) && objects.remove(gone) != null) {
          foreign.remove(file);
          overlays.remove(gone);
          overlayFiles.delete(gone);
          changed.add(gone);
        }
        return;
      }
      var object = KubeObject.of(document.get());
      if (object.kind().isEmpty() || object.name().isEmpty()) {
        return;
      }
      var key = object.key();
      var old = objects.get(key);
      if (old != null && old.fields().equals(object.fields())) {
        return; // our own write coming back
      }
      if (old != null && !foreign.containsKey(file) && isOlder(object, old)) {
        return; // an earlier write of ours, overtaken in memory
      }
      var taken = completed(object, old);
      foreign.put(file, key);
      if (old == null || !sameWithoutVersion(old, taken)) {
        objects.put(key, taken);
        changed.add(key);
      }
    }
  }

  private static boolean isOlder(KubeObject file, KubeObject memory) {
    var version = file.text("metadata", "resourceVersion");
    return !version.isEmpty()
        && Long.parseLong(version)
            < Long.parseLong(memory.textOr("0", "metadata", "resourceVersion"));
  }

  private static boolean sameWithoutVersion(KubeObject a, KubeObject b) {
    return a.with(null, "metadata", "resourceVersion")
        .equals(b.with(null, "metadata", "resourceVersion"));
  }

  private void overlaysChanged(Set<Path> files) {
    var changed = new TreeSet<ObjectKey>();
    files.forEach(file -> keyOf(file).ifPresent(key -> takeUpOverlay(key, file, changed)));
    tell(changed);
  }

  private synchronized void takeUpOverlay(ObjectKey key, Path file, Set<ObjectKey> changed) {
    var document = ObjectFiles.read(file);
    if (document.isPresent()) {
      var part = KubeObject.of(document.get()).fields();
      if (!part.equals(overlays.put(key, part))) {
        changed.add(key);
      }
    } else if (!Files.exists(file) && overlays.remove(key) != null) {
      changed.add(key);
    }
  }

  private Optional<ObjectKey> keyOf(Path overlayFile) {
    var path = overlayFiles.root().relativize(overlayFile);
    if (path.getNameCount() != 3) {
      return Optional.empty();
    }
    var name = path.getName(2).toString();
    var namespace = path.getName(1).toString();
    return Kind.typed(path.getName(0).toString())
        .map(
            kind ->
                ObjectKey.of(
                    kind.name(),
                    namespace.equals("_") ? "" : namespace,
                    name.substring(0, name.length() - ".yaml".length())));
  }

  private void tell(Set<ObjectKey> changed) {
    if (!changed.isEmpty()) {
      listeners.forEach(l -> l.accept(changed));
    }
  }

  @Override
  public void close() {
    objectWatch.close();
    overlayWatch.close();
  }
}
