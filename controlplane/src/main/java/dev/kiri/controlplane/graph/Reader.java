package dev.kiri.controlplane.graph;

import java.util.Collection;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a rule reads tables: every read is remembered as a dependency of the row being computed.
/// Valid during that computation only.
public interface Reader {
  /// A row, or null where there is none; the absence is remembered too.
  <K extends Comparable<K>, V> @Nullable V get(Table<K, V> table, K key);

  /// The rows under an index entry, sorted by key.
  <I, K extends Comparable<K>, V> Collection<V> find(Index<I, K, V> index, I entry);

  /// The rows under the index entries from `low` to `high`, both included, sorted by entry and key.
  <I extends Comparable<I>, K extends Comparable<K>, V> Stream<V> within(
      SortedIndex<I, K, V> index, I low, I high);
}
