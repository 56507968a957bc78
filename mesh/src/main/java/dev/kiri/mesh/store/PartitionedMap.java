package dev.kiri.mesh.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// An immutable hash map for large, often changed tables: a spine of small partitions, of which a
/// change copies only those it touches.
///
/// A partition is one array of alternating keys and values with linear probing, so an entry costs
/// little more than its two references. Lookups take no lock and make no garbage.
final class PartitionedMap<K, V> {
  private static final int FULL = 48;
  private static final int SPARSE = 8;
  private static final PartitionedMap<?, ?> EMPTY = new PartitionedMap<>(new Partition[1], 0);

  private final @Nullable Partition[] spine;
  private final int size;

  private PartitionedMap(@Nullable Partition[] spine, int size) {
    this.spine = spine;
    this.size = size;
  }

  @SuppressWarnings("unchecked")
  static <K, V> PartitionedMap<K, V> empty() {
    return (PartitionedMap<K, V>) EMPTY;
  }

  int size() {
    return size;
  }

  @SuppressWarnings("unchecked")
  @Nullable V get(K key) {
    int hash = mix(key);
    var partition = spine[hash & spine.length - 1];
    return partition == null ? null : (V) partition.get(key, hash);
  }

  @SuppressWarnings("unchecked")
  void forEach(BiConsumer<? super K, ? super V> action) {
    for (var partition : spine) {
      if (partition != null) {
        partition.forEach((key, value) -> action.accept((K) key, (V) value));
      }
    }
  }

  List<V> values() {
    var values = new ArrayList<V>(size);
    forEach((_, value) -> values.add(value));
    return values;
  }

  Editor<K, V> edit() {
    return new Editor<>(this);
  }

  private static int mix(Object key) {
    int hash = key.hashCode() * 0x9E3779B9;
    hash ^= hash >>> 15;
    hash *= 0x85EBCA6B;
    return hash ^ hash >>> 16;
  }

  /// A batch of changes. For one thread, until [#done].
  static final class Editor<K, V> {
    private final PartitionedMap<K, V> origin;
    private @Nullable Partition[] spine;
    private boolean[] own;
    private boolean changed;
    private int size;

    private Editor(PartitionedMap<K, V> origin) {
      this.origin = origin;
      this.spine = origin.spine;
      this.own = new boolean[0];
      this.size = origin.size;
    }

    @SuppressWarnings("unchecked")
    @Nullable V get(K key) {
      int hash = mix(key);
      var partition = spine[hash & spine.length - 1];
      return partition == null ? null : (V) partition.get(key, hash);
    }

    /// Sets a value; null removes the key.
    void set(K key, @Nullable V value) {
      int hash = mix(key);
      if (value == null) {
        if (get(key) != null) {
          writable(hash).remove(key, hash);
          size--;
          shrink();
        }
      } else if (writable(hash).put(key, value, hash)) {
        size++;
        grow();
      }
    }

    PartitionedMap<K, V> done() {
      return changed ? new PartitionedMap<>(spine, size) : origin;
    }

    private Partition writable(int hash) {
      if (!changed) {
        spine = spine.clone();
        own = new boolean[spine.length];
        changed = true;
      }
      int index = hash & spine.length - 1;
      var partition = spine[index];
      if (partition == null || !own[index]) {
        partition = partition == null ? new Partition() : partition.copy();
        spine[index] = partition;
        own[index] = true;
      }
      return partition;
    }

    private void grow() {
      if (size > spine.length * FULL) {
        respread(spine.length * 4);
      }
    }

    private void shrink() {
      if (spine.length > 1 && size < spine.length * SPARSE) {
        respread(Math.max(1, spine.length / 4));
      }
    }

    private void respread(int length) {
      var old = spine;
      spine = new Partition[length];
      own = new boolean[length];
      for (var partition : old) {
        if (partition != null) {
          partition.forEach(
              (key, value) -> {
                int hash = mix(key);
                writable(hash).put(key, value, hash);
              });
        }
      }
    }
  }

  /// One small table. Its capacity is a power of two and never more than three quarters used.
  private static final class Partition {
    private @Nullable Object[] table;
    private int used;

    Partition() {
      table = new Object[8];
    }

    private Partition(@Nullable Object[] table, int used) {
      this.table = table;
      this.used = used;
    }

    Partition copy() {
      return new Partition(table.clone(), used);
    }

    private int slot(int hash) {
      return (hash >>> 16 & table.length / 2 - 1) * 2;
    }

    private int next(int slot) {
      return slot + 2 & table.length - 1;
    }

    @Nullable Object get(Object key, int hash) {
      for (int slot = slot(hash); ; slot = next(slot)) {
        var found = table[slot];
        if (found == null) {
          return null;
        }
        if (found.equals(key)) {
          return table[slot + 1];
        }
      }
    }

    /// Whether the key is new. A known key is replaced too, so that old and new values share
    /// strings.
    boolean put(Object key, Object value, int hash) {
      int slot = slot(hash);
      while (table[slot] != null) {
        if (key.equals(table[slot])) {
          table[slot] = key;
          table[slot + 1] = value;
          return false;
        }
        slot = next(slot);
      }
      table[slot] = key;
      table[slot + 1] = value;
      if (++used * 8 > table.length * 3) {
        enlarge();
      }
      return true;
    }

    private void enlarge() {
      var old = table;
      table = new Object[old.length * 2];
      for (int from = 0; from < old.length; from += 2) {
        var key = old[from];
        if (key != null) {
          int slot = slot(mix(key));
          while (table[slot] != null) {
            slot = next(slot);
          }
          table[slot] = key;
          table[slot + 1] = old[from + 1];
        }
      }
    }

    /// Removes a key that is there, and moves later ones of its run up so that no gap breaks it.
    void remove(Object key, int hash) {
      int gap = slot(hash);
      while (!key.equals(table[gap])) {
        gap = next(gap);
      }
      used--;
      table[gap] = null;
      table[gap + 1] = null;
      for (int slot = next(gap); table[slot] != null; slot = next(slot)) {
        int home = slot(mix(java.util.Objects.requireNonNull(table[slot])));
        boolean reachable = gap <= slot ? gap < home && home <= slot : gap < home || home <= slot;
        if (!reachable) {
          table[gap] = table[slot];
          table[gap + 1] = table[slot + 1];
          table[slot] = null;
          table[slot + 1] = null;
          gap = slot;
        }
      }
    }

    void forEach(BiConsumer<Object, Object> action) {
      for (int slot = 0; slot < table.length; slot += 2) {
        var key = table[slot];
        var value = table[slot + 1];
        if (key != null && value != null) {
          action.accept(key, value);
        }
      }
    }
  }
}
