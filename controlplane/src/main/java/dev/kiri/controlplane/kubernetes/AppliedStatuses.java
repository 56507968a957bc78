package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.kinds.ObjectKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The statuses that this control plane, in this life or an earlier one, has applied. Thread-safe.
final class AppliedStatuses {
  private final Map<ObjectKey, Map<String, Object>> applied = new ConcurrentHashMap<>();

  /// What is known of an object now; an empty status for none.
  void put(ObjectKey key, Map<String, Object> status) {
    if (status.isEmpty()) {
      applied.remove(key);
    } else {
      applied.put(key, status);
    }
  }

  Map<String, Object> of(ObjectKey key) {
    return applied.getOrDefault(key, Map.of());
  }

  Set<ObjectKey> keys() {
    return Set.copyOf(applied.keySet());
  }
}
