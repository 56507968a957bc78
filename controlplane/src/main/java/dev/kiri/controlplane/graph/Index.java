package dev.kiri.controlplane.graph;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Rows of a table by something other than their key. Rows of one entry come sorted by their key,
/// so that results do not depend on the order of events.
public sealed class Index<I, K extends Comparable<K>, V> permits SortedIndex {
  private final Table<K, ?> table;
  private final Function<V, ? extends Iterable<I>> keysOf;
  private final Map<I, Map<K, V>> entries;
  private final Map<I, Dependents> readers = new HashMap<>();

  Index(Table<K, ?> table, Function<V, ? extends Iterable<I>> keysOf) {
    this(table, keysOf, new HashMap<>());
  }

  Index(Table<K, ?> table, Function<V, ? extends Iterable<I>> keysOf, Map<I, Map<K, V>> entries) {
    this.table = table;
    this.keysOf = keysOf;
    this.entries = entries;
  }

  Table<K, ?> table() {
    return table;
  }

  /// The rows under an entry, sorted by key; a live view.
  public Collection<V> find(I entry) {
    Map<K, V> found = entries.get(entry);
    return found == null ? Set.of() : Collections.unmodifiableCollection(found.values());
  }

  Dependents readersOf(I entry) {
    return readers.computeIfAbsent(entry, e -> new Dependents(() -> readers.remove(e)));
  }

  void update(K key, @Nullable V old, @Nullable V now) {
    Set<I> touched = new HashSet<>();
    if (old != null) {
      for (I entry : keysOf.apply(old)) {
        touched.add(entry);
        Map<K, V> rows = entries.get(entry);
        if (rows != null) {
          rows.remove(key);
          if (rows.isEmpty()) {
            entries.remove(entry);
          }
        }
      }
    }
    if (now != null) {
      for (I entry : keysOf.apply(now)) {
        touched.add(entry);
        entries.computeIfAbsent(entry, e -> new TreeMap<>()).put(key, now);
      }
    }
    touched.forEach(this::touched);
  }

  /// Rows under the entry have changed.
  void touched(I entry) {
    Dependents dependents = readers.get(entry);
    if (dependents != null) {
      dependents.markDirty();
    }
  }
}
