package dev.kiri.controlplane.graph;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The derived rows that have read one row or one index entry. Forgets itself when the last one
/// stops reading. Most have one reader, and there are several for each pod, so one costs no set.
final class Dependents {
  private Derived.@Nullable Cell<?> only;
  private @Nullable Set<Derived.Cell<?>> several;
  private final Runnable forget;

  Dependents(Runnable forget) {
    this.forget = forget;
  }

  /// Adds a reader. Returns false where it is one already.
  boolean add(Derived.Cell<?> cell) {
    if (several != null) {
      return several.add(cell);
    }
    if (only == null) {
      only = cell;
      return true;
    }
    if (only == cell) {
      return false;
    }
    several = new HashSet<>();
    several.add(only);
    only = null;
    return several.add(cell);
  }

  void remove(Derived.Cell<?> cell) {
    if (several != null) {
      several.remove(cell);
    } else if (only == cell) {
      only = null;
    }
    if (only == null && (several == null || several.isEmpty())) {
      forget.run();
    }
  }

  void markDirty() {
    if (only != null) {
      only.markDirty();
    }
    if (several != null) {
      for (Derived.Cell<?> cell : several) {
        cell.markDirty();
      }
    }
  }
}
