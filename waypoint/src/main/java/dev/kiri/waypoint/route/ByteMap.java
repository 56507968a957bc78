package dev.kiri.waypoint.route;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A hash map from bytes to values that is asked with a range of somebody else's array, without
/// making a key. Filled while compiling, only read afterwards.
final class ByteMap<V> {
  private byte[] @Nullable [] keys = new byte[8][];
  private @Nullable Object[] values = new Object[8];
  private int size;

  @Nullable V get(byte[] bytes, int start, int length) {
    int slot = slot(bytes, start, length);
    return keys[slot] == null ? null : value(slot);
  }

  /// The value under `key`, made by `ifAbsent` at the first time.
  V computeIfAbsent(byte[] key, java.util.function.Supplier<V> ifAbsent) {
    if (size * 2 >= keys.length) {
      grow();
    }
    int slot = slot(key, 0, key.length);
    if (keys[slot] == null) {
      keys[slot] = key.clone();
      values[slot] = ifAbsent.get();
      size++;
    }
    return java.util.Objects.requireNonNull(value(slot));
  }

  private int slot(byte[] bytes, int start, int length) {
    int mask = keys.length - 1;
    int slot = hash(bytes, start, length) & mask;
    while (true) {
      byte[] key = keys[slot];
      if (key == null || Arrays.equals(key, 0, key.length, bytes, start, start + length)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  private void grow() {
    byte[] @Nullable [] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new byte[oldKeys.length * 2][];
    values = new Object[oldKeys.length * 2];
    for (int i = 0; i < oldKeys.length; i++) {
      byte[] key = oldKeys[i];
      if (key != null) {
        int slot = slot(key, 0, key.length);
        keys[slot] = key;
        values[slot] = oldValues[i];
      }
    }
  }

  @SuppressWarnings("unchecked") // only V goes in
  private @Nullable V value(int slot) {
    return (V) values[slot];
  }

  private static int hash(byte[] bytes, int start, int length) {
    int h = 0x811c9dc5;
    for (int i = start, end = start + length; i < end; i++) {
      h = (h ^ bytes[i]) * 0x01000193;
    }
    return h ^ (h >>> 15);
  }
}
