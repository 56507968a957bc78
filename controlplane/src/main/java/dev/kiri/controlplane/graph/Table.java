package dev.kiri.controlplane.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Rows by key. Confined to the graph's thread.
public abstract sealed class Table<K extends Comparable<K>, V> permits Input, Derived {
  private final String name;
  private final int position;
  private final Map<K, V> rows = new TreeMap<>();
  private final Map<K, Dependents> readers = new HashMap<>();
  private final List<RowChange<K, V>> indexes = new ArrayList<>();
  private final List<Derived<K, V, ?>> followers = new ArrayList<>();
  private final List<Consumer<List<Change<K, V>>>> listeners = new ArrayList<>();
  private final Map<K, Optional<V>> before = new LinkedHashMap<>();

  /// A row that changed: old and new value, null for none.
  public record Change<K, V>(K key, @Nullable V before, @Nullable V after) {}

  /// Takes over a row that has changed.
  private interface RowChange<K, V> {
    void update(K key, @Nullable V old, @Nullable V now);
  }

  Table(String name, int position) {
    this.name = name;
    this.position = position;
  }

  /// The table's name, for inspection.
  public String name() {
    return name;
  }

  int position() {
    return position;
  }

  /// The rows, sorted by key; a live view.
  public Map<K, V> rows() {
    return Collections.unmodifiableMap(rows);
  }

  /// An index over the rows: each row stands under every key the function gives. To be made before
  /// the first row.
  public <I> Index<I, K, V> index(Function<V, ? extends Iterable<I>> keysOf) {
    Index<I, K, V> index = new Index<>(this, keysOf);
    indexes.add(index::update);
    return index;
  }

  /// An index as [#index] over a part of each row: who reads it does not depend on the rest.
  public <P, I> Index<I, K, P> index(
      Function<V, P> part, Function<P, ? extends Iterable<I>> keysOf) {
    Index<I, K, P> index = new Index<>(this, keysOf);
    indexes.add(
        (key, old, now) -> {
          P before = old == null ? null : part.apply(old);
          P after = now == null ? null : part.apply(now);
          if (!Objects.equals(before, after)) {
            index.update(key, before, after);
          }
        });
    return index;
  }

  /// An index as [#index], which can also be asked for a range of entries.
  public <I extends Comparable<I>> SortedIndex<I, K, V> sortedIndex(
      Function<V, ? extends Iterable<I>> keysOf) {
    SortedIndex<I, K, V> index = new SortedIndex<>(this, keysOf);
    indexes.add(index::update);
    return index;
  }

  /// Calls back with the changes of each settling, on the graph's thread.
  public void onChange(Consumer<List<Change<K, V>>> listener) {
    listeners.add(listener);
  }

  void follow(Derived<K, V, ?> follower) {
    followers.add(follower);
  }

  Dependents readersOf(K key) {
    return readers.computeIfAbsent(key, k -> new Dependents(() -> readers.remove(k)));
  }

  /// Replaces or (with null) removes a row; equal values change nothing.
  void set(K key, @Nullable V value) {
    V old = value == null ? rows.remove(key) : rows.put(key, value);
    if (old == null ? value == null : old.equals(value)) {
      return;
    }
    if (!listeners.isEmpty()) {
      before.putIfAbsent(key, Optional.ofNullable(old));
    }
    for (RowChange<K, V> index : indexes) {
      index.update(key, old, value);
    }
    Dependents dependents = readers.get(key);
    if (dependents != null) {
      dependents.markDirty();
    }
    for (Derived<K, V, ?> follower : followers) {
      follower.markDirty(key);
    }
  }

  void announce() {
    if (before.isEmpty()) {
      return;
    }
    List<Change<K, V>> changes = new ArrayList<>();
    before.forEach(
        (key, old) -> {
          V now = rows.get(key);
          V then = old.orElse(null);
          if (then == null ? now != null : !then.equals(now)) {
            changes.add(new Change<>(key, then, now));
          }
        });
    before.clear();
    if (!changes.isEmpty()) {
      listeners.forEach(listener -> listener.accept(changes));
    }
  }
}
