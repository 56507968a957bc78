package dev.kiri.controlplane.source;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Makes equal strings of different documents one: namespaces, nodes, labels and their values come
/// with every pod. Remembers a fixed number of strings, the last one of each slot, so that names,
/// which never come again, cost nothing. Thread-safe.
final class SharedStrings {
  private static final int SLOTS = 1 << 15;
  private static final int LONGEST = 256;

  private final AtomicReferenceArray<String> slots = new AtomicReferenceArray<>(SLOTS);

  /// The tree with shared strings.
  Map<?, ?> of(Map<?, ?> tree) {
    Map<Object, @Nullable Object> shared = LinkedHashMap.newLinkedHashMap(tree.size());
    tree.forEach(
        (key, value) -> shared.put(key instanceof String text ? one(text) : key, value(value)));
    return shared;
  }

  private @Nullable Object value(@Nullable Object value) {
    return switch (value) {
      case String text -> one(text);
      case Map<?, ?> map -> of(map);
      case List<?> list -> {
        List<@Nullable Object> shared = new ArrayList<>(list.size());
        list.forEach(each -> shared.add(value(each)));
        yield shared;
      }
      case null -> null;
      default -> value;
    };
  }

  private String one(String text) {
    if (text.length() > LONGEST) {
      return text;
    }
    int hash = text.hashCode();
    int slot = (hash ^ hash >>> 16) & (SLOTS - 1);
    String known = slots.get(slot);
    if (text.equals(known)) {
      return known;
    }
    slots.set(slot, text);
    return text;
  }
}
