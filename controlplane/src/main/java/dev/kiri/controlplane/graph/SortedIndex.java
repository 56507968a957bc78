package dev.kiri.controlplane.graph;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// An index that can also be asked for a range of entries. Every reader of a range is looked at for
/// each entry that changes, so ranges are for few readers.
public final class SortedIndex<I extends Comparable<I>, K extends Comparable<K>, V>
    extends Index<I, K, V> {
  private final NavigableMap<I, Map<K, V>> sorted;
  private final Map<Range<I>, Dependents> rangeReaders = new HashMap<>();

  private record Range<I extends Comparable<I>>(I low, I high) {
    boolean contains(I entry) {
      return low.compareTo(entry) <= 0 && entry.compareTo(high) <= 0;
    }
  }

  SortedIndex(Table<K, V> table, Function<V, ? extends Iterable<I>> keysOf) {
    this(table, keysOf, new TreeMap<>());
  }

  private SortedIndex(
      Table<K, V> table,
      Function<V, ? extends Iterable<I>> keysOf,
      NavigableMap<I, Map<K, V>> sorted) {
    super(table, keysOf, sorted);
    this.sorted = sorted;
  }

  /// The rows under the entries from `low` to `high`, both included, sorted by entry and key.
  public Stream<V> within(I low, I high) {
    return sorted.subMap(low, true, high, true).values().stream()
        .flatMap(rows -> rows.values().stream());
  }

  /// A range of one entry is that entry, whose readers need not be looked for.
  Dependents readersOf(I low, I high) {
    if (low.equals(high)) {
      return readersOf(low);
    }
    return rangeReaders.computeIfAbsent(
        new Range<>(low, high), range -> new Dependents(() -> rangeReaders.remove(range)));
  }

  @Override
  void touched(I entry) {
    super.touched(entry);
    rangeReaders.forEach(
        (range, dependents) -> {
          if (range.contains(entry)) {
            dependents.markDirty();
          }
        });
  }
}
