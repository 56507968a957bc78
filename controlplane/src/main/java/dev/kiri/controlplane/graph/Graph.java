package dev.kiri.controlplane.graph;

import java.util.ArrayList;
import java.util.List;

/// The tables of one computation, in the order of their creation: a derived table may read tables
/// made before it, and itself never. Confined to one thread.
public final class Graph {
  private final List<Table<?, ?>> tables = new ArrayList<>();
  private final List<Derived<?, ?, ?>> derived = new ArrayList<>();

  /// A table whose rows are put from outside.
  public <K extends Comparable<K>, V> Input<K, V> input(String name) {
    Input<K, V> table = new Input<>(name, tables.size());
    tables.add(table);
    return table;
  }

  /// A table with one row, or none, for each row of another table.
  public <K extends Comparable<K>, S, V> Derived<K, S, V> derive(
      String name, Table<K, S> source, Derived.Rule<K, S, V> rule) {
    Derived<K, S, V> table = new Derived<>(name, tables.size(), source, rule);
    tables.add(table);
    derived.add(table);
    return table;
  }

  /// Recomputes what depends on the changes since the last call, then tells the listeners. Returns
  /// the number of rows recomputed.
  public int settle() {
    int recomputed = 0;
    for (Derived<?, ?, ?> table : derived) {
      recomputed += table.recompute();
    }
    for (Table<?, ?> table : tables) {
      table.announce();
    }
    return recomputed;
  }

  /// All tables in the order of their creation, for inspection.
  public List<Table<?, ?>> tables() {
    return List.copyOf(tables);
  }
}
