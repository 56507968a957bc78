package dev.kiri.controlplane.graph;

import java.util.HashSet;
import java.util.Set;

/// The derived rows that have read one row or one index entry. Forgets itself when the last one
/// stops reading.
final class Dependents {
  private final Set<Derived.Cell<?>> cells = new HashSet<>();
  private final Runnable forget;

  Dependents(Runnable forget) {
    this.forget = forget;
  }

  boolean add(Derived.Cell<?> cell) {
    return cells.add(cell);
  }

  void remove(Derived.Cell<?> cell) {
    cells.remove(cell);
    if (cells.isEmpty()) {
      forget.run();
    }
  }

  void markDirty() {
    for (Derived.Cell<?> cell : cells) {
      cell.markDirty();
    }
  }
}
