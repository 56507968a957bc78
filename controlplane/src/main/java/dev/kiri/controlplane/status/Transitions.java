package dev.kiri.controlplane.status;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Adds the times of transition to wanted conditions: the time written before where the condition's
/// status is the same, now where it is not. Pure.
final class Transitions {
  private static final String TIME = "lastTransitionTime";

  private Transitions() {}

  static Map<String, Object> merge(Map<?, ?> wanted, @Nullable Map<?, ?> present, String now) {
    Map<String, Object> merged = new LinkedHashMap<>();
    wanted.forEach(
        (key, value) -> {
          Object before = present == null ? null : present.get(key);
          if (value instanceof List<?> list) {
            merged.put(
                String.valueOf(key), list(list, before instanceof List<?> l ? l : List.of(), now));
          } else {
            merged.put(String.valueOf(key), value);
          }
        });
    if (wanted.containsKey("type") && wanted.containsKey("reason")) {
      boolean same =
          present != null
              && Objects.equals(wanted.get("status"), present.get("status"))
              && present.containsKey(TIME);
      merged.put(TIME, same && present != null ? String.valueOf(present.get(TIME)) : now);
    }
    return merged;
  }

  private static List<Object> list(List<?> wanted, List<?> present, String now) {
    List<Object> merged = new ArrayList<>();
    for (Object each : wanted) {
      merged.add(each instanceof Map<?, ?> map ? merge(map, counterpart(map, present), now) : each);
    }
    return merged;
  }

  /// The entry of the present list that stands for the same thing: by condition type, by listener
  /// name, by parent.
  private static @Nullable Map<?, ?> counterpart(Map<?, ?> wanted, List<?> present) {
    for (Object each : present) {
      if (each instanceof Map<?, ?> map
          && Objects.equals(wanted.get("type"), map.get("type"))
          && Objects.equals(wanted.get("name"), map.get("name"))
          && Objects.equals(wanted.get("parentRef"), map.get("parentRef"))) {
        return map;
      }
    }
    return null;
  }
}
