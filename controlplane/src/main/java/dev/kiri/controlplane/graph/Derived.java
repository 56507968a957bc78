package dev.kiri.controlplane.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A table computed from another one, row by row. Confined to the graph's thread.
public final class Derived<K extends Comparable<K>, S, V> extends Table<K, V> {
  /// Computes a row; null for none. Must depend on its arguments and on what it reads through the
  /// reader, and on nothing else.
  @FunctionalInterface
  public interface Rule<K, S, V> {
    @Nullable V derive(K key, S source, Reader reader);
  }

  private final Table<K, S> source;
  private final Rule<K, S, V> rule;
  private final Map<K, Cell<K>> cells = new HashMap<>();
  private Set<Cell<K>> dirty = new LinkedHashSet<>();

  Derived(String name, int position, Table<K, S> source, Rule<K, S, V> rule) {
    super(name, position);
    this.source = source;
    this.rule = rule;
    source.follow(this);
  }

  /// One row's place in the computation: what it has read.
  static final class Cell<K extends Comparable<K>> {
    private final Derived<K, ?, ?> owner;
    private final K key;
    private List<Dependents> reads = List.of();

    Cell(Derived<K, ?, ?> owner, K key) {
      this.owner = owner;
      this.key = key;
    }

    void markDirty() {
      owner.dirty.add(this);
    }

    private void stopReading() {
      for (Dependents read : reads) {
        read.remove(this);
      }
      reads = List.of();
    }
  }

  void markDirty(K key) {
    cells.computeIfAbsent(key, k -> new Cell<>(this, k)).markDirty();
  }

  int recompute() {
    Set<Cell<K>> now = dirty;
    dirty = new LinkedHashSet<>();
    for (Cell<K> cell : now) {
      cell.stopReading();
      S input = source.rows().get(cell.key);
      if (input == null) {
        cells.remove(cell.key);
        set(cell.key, null);
        continue;
      }
      Tracker tracker = new Tracker(cell, position());
      V value = rule.derive(cell.key, input, tracker);
      cell.reads = List.copyOf(tracker.reads);
      set(cell.key, value);
    }
    return now.size();
  }

  private static final class Tracker implements Reader {
    private final Cell<?> cell;
    private final int position;
    private final List<Dependents> reads = new ArrayList<>();

    Tracker(Cell<?> cell, int position) {
      this.cell = cell;
      this.position = position;
    }

    @Override
    public <K extends Comparable<K>, V> @Nullable V get(Table<K, V> table, K key) {
      note(table, table.readersOf(key));
      return table.rows().get(key);
    }

    @Override
    public <I, K extends Comparable<K>, V> Collection<V> find(Index<I, K, V> index, I entry) {
      note(index.table(), index.readersOf(entry));
      return index.find(entry);
    }

    @Override
    public <I extends Comparable<I>, K extends Comparable<K>, V> Stream<V> within(
        SortedIndex<I, K, V> index, I low, I high) {
      note(index.table(), index.readersOf(low, high));
      return index.within(low, high);
    }

    private void note(Table<?, ?> table, Dependents dependents) {
      if (table.position() >= position) {
        throw new IllegalStateException("reads a later table: " + table.name());
      }
      if (dependents.add(cell)) {
        reads.add(dependents);
      }
    }
  }
}
