package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.kinds.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the documents of a folder and its overlay add up to. Pure bookkeeping without I/O; confined
/// to the source's lock.
final class FolderState {
  private final Map<Path, List<Document>> files = new HashMap<>();
  private final Map<Path, List<Problem>> fileProblems = new TreeMap<>();
  private final Map<ObjectKey, TreeMap<Origin, Map<?, ?>>> documents = new HashMap<>();
  private final Map<ObjectKey, Map<?, ?>> overlays = new HashMap<>();
  private final Map<ObjectKey, List<Problem>> objectProblems = new TreeMap<>();
  private final Acceptance acceptance = new Acceptance();
  private final Set<ObjectKey> touched = new TreeSet<>();

  private record Document(ObjectKey key, Origin origin) {}

  /// Takes the documents of a file; an empty list where the file is gone.
  void file(Path file, List<Object> trees) {
    forget(file);
    List<Document> read = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    int position = 0;
    for (Object tree : trees) {
      position++;
      if (tree instanceof Map<?, ?> empty && empty.isEmpty()) {
        continue;
      }
      Origin origin = new Origin(file.toString(), position);
      ObjectKey key = Decoder.keyOf(tree);
      if (key != null && tree instanceof Map<?, ?> map) {
        documents.computeIfAbsent(key, k -> new TreeMap<>()).put(origin, map);
        touched.add(key);
        read.add(new Document(key, origin));
      } else {
        problems.addAll(Decoder.decode(tree, origin).problems());
      }
    }
    if (!read.isEmpty()) {
      files.put(file, read);
    }
    setOrClear(fileProblems, file, problems);
  }

  /// A file that could not be read: what it said before stays in force.
  void unreadable(Path file, String found) {
    Origin origin = new Origin(file.toString(), 1);
    fileProblems.put(
        file,
        List.of(
            new Problem(Problem.Severity.ERROR, origin, "", "document", found, "YAML documents")));
  }

  /// Takes the overlay of an object, or takes it away.
  void overlay(ObjectKey key, @Nullable Map<?, ?> tree) {
    if (tree == null) {
      overlays.remove(key);
    } else {
      overlays.put(key, tree);
    }
    touched.add(key);
  }

  /// Files that had documents and are that path or lie under it.
  List<Path> knownUnder(Path root) {
    return files.keySet().stream().filter(f -> f.startsWith(root)).toList();
  }

  /// The changes since the last call.
  List<ObjectChange> changes() {
    List<ObjectChange> changes = new ArrayList<>();
    for (ObjectKey key : touched) {
      TreeMap<Origin, Map<?, ?>> all = documents.get(key);
      if (all == null) {
        objectProblems.remove(key);
        acceptance.gone(key).ifPresent(changes::add);
        continue;
      }
      var first = all.firstEntry();
      Map<?, ?> tree = withOverlay(first.getValue(), overlays.get(key));
      Acceptance.Verdict verdict = acceptance.take(key, tree, first.getKey());
      List<Problem> problems = new ArrayList<>(verdict.problems());
      verdict.change().ifPresent(changes::add);
      for (Origin other : all.tailMap(first.getKey(), false).keySet()) {
        problems.add(
            new Problem(
                Problem.Severity.ERROR,
                other,
                key.toString(),
                "metadata.name",
                "a second document for this object",
                "one document; the one in " + first.getKey() + " is in force"));
      }
      setOrClear(objectProblems, key, problems);
    }
    touched.clear();
    return changes;
  }

  List<Problem> problems() {
    List<Problem> all = new ArrayList<>();
    fileProblems.values().forEach(all::addAll);
    objectProblems.values().forEach(all::addAll);
    all.sort(Comparator.comparing(Problem::origin).thenComparing(Problem::field));
    return all;
  }

  private void forget(Path file) {
    List<Document> old = files.remove(file);
    if (old == null) {
      return;
    }
    for (Document document : old) {
      touched.add(document.key());
      TreeMap<Origin, Map<?, ?>> all = documents.get(document.key());
      if (all != null) {
        all.remove(document.origin());
        if (all.isEmpty()) {
          documents.remove(document.key());
        }
      }
    }
  }

  private static <K> void setOrClear(Map<K, List<Problem>> into, K key, List<Problem> problems) {
    if (problems.isEmpty()) {
      into.remove(key);
    } else {
      into.put(key, List.copyOf(problems));
    }
  }

  /// Only annotations and status of an overlay count.
  private static Map<?, ?> withOverlay(Map<?, ?> tree, @Nullable Map<?, ?> overlay) {
    if (overlay == null) {
      return tree;
    }
    Map<String, Object> counting = new TreeMap<>();
    if (overlay.get("status") instanceof Map<?, ?> status) {
      counting.put("status", status);
    }
    if (overlay.get("metadata") instanceof Map<?, ?> meta
        && meta.get("annotations") instanceof Map<?, ?> annotations) {
      counting.put("metadata", Map.of("annotations", annotations));
    }
    return Yaml.merge(tree, counting);
  }
}
