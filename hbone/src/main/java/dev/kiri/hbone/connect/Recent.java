package dev.kiri.hbone.connect;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a function made of the keys that came lately, so that a key that comes again costs no
/// garbage. Confined to one thread.
///
/// Every key has one place, and the latest that came keeps it: whoever sends ever new keys costs
/// what they cost anyhow, and no memory. Keys are compared by content.
final class Recent<K, V> {
  private final Function<? super K, ? extends V> function;
  private final @Nullable Known<K, V>[] known;

  private record Known<K, V>(K key, V value) {}

  /// `places` is a power of two.
  @SuppressWarnings({"unchecked", "rawtypes"}) // arrays are not generic
  Recent(int places, Function<? super K, ? extends V> function) {
    this.function = function;
    this.known = new Known[places];
  }

  /// The function's value; what it throws, passes through and is not kept.
  V get(K key) {
    int hash = key.hashCode();
    int place = (hash ^ hash >>> 16) & known.length - 1;
    var at = known[place];
    if (at != null && at.key().equals(key)) {
      return at.value();
    }
    V value = function.apply(key);
    known[place] = new Known<>(key, value);
    return value;
  }
}
