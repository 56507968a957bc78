package dev.kiri.controlplane.graph;

import org.jspecify.annotations.Nullable;

/// A table filled from outside. Confined to the graph's thread.
public final class Input<K extends Comparable<K>, V> extends Table<K, V> {
  Input(String name, int position) {
    super(name, position);
  }

  /// Replaces a row, or removes it where the value is null.
  public void put(K key, @Nullable V value) {
    set(key, value);
  }
}
