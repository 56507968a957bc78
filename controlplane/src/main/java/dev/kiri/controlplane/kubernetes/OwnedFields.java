package dev.kiri.controlplane.kubernetes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The part of a tree that belongs to one field manager, by its `fieldsV1` (kubernetes
/// sigs.k8s.io/structured-merge-diff: `f:` names a field, `k:` an entry of a list by its keys, `v:`
/// one of a set of values, an empty set of names the whole value). Pure.
final class OwnedFields {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private OwnedFields() {}

  static Map<String, Object> of(Map<?, ?> tree, Map<?, ?> owned) {
    Map<String, Object> part = new LinkedHashMap<>();
    tree.forEach(
        (name, value) -> {
          if (owned.get("f:" + name) instanceof Map<?, ?> below) {
            part.put(String.valueOf(name), of(value, below));
          }
        });
    return part;
  }

  private static @Nullable Object of(@Nullable Object value, Map<?, ?> owned) {
    boolean whole = owned.isEmpty() || (owned.size() == 1 && owned.containsKey("."));
    if (whole) {
      return value;
    }
    if (value instanceof Map<?, ?> map) {
      return of(map, owned);
    }
    return value instanceof List<?> list ? entries(list, owned) : value;
  }

  private static List<@Nullable Object> entries(List<?> list, Map<?, ?> owned) {
    List<@Nullable Object> part = new ArrayList<>();
    for (Object entry : list) {
      owned.forEach(
          (path, below) -> {
            String text = String.valueOf(path);
            if (text.startsWith("k:")
                && entry instanceof Map<?, ?> map
                && below instanceof Map<?, ?> fields
                && hasKeys(map, text.substring(2))) {
              part.add(of(map, fields));
            } else if (text.startsWith("v:") && isValue(entry, text.substring(2))) {
              part.add(entry);
            }
          });
    }
    return part;
  }

  private static boolean hasKeys(Map<?, ?> entry, String keys) {
    try {
      Map<?, ?> wanted = JSON.readValue(keys, Map.class);
      return wanted.entrySet().stream()
          .allMatch(key -> key.getValue().equals(entry.get(key.getKey())));
    } catch (JacksonException e) {
      return false;
    }
  }

  private static boolean isValue(@Nullable Object entry, String value) {
    try {
      return entry != null && entry.equals(JSON.readValue(value, Object.class));
    } catch (JacksonException e) {
      return false;
    }
  }
}
