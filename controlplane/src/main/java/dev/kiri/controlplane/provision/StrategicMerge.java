package dev.kiri.controlplane.provision;

import dev.kiri.controlplane.kinds.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lays a strategic merge patch over an object, as `kubectl patch` has it (Kubernetes
/// staging/src/k8s.io/apimachinery/pkg/util/strategicpatch and the `patchMergeKey` tags of
/// k8s.io/api): mappings are merged, null takes a field away, lists are merged by a key where the
/// API names one and replaced elsewhere; `$patch`, `$deleteFromPrimitiveList` and `$retainKeys` say
/// otherwise. Pure.
final class StrategicMerge {
  private static final String DIRECTIVE = "$patch";
  private static final String RETAIN = "$retainKeys";
  private static final String DELETE_FROM = "$deleteFromPrimitiveList/";
  private static final String ACCEPTED =
      "$patch (merge, replace or delete), $deleteFromPrimitiveList or $retainKeys";

  private static final String POD = "spec.template.spec.";
  private static final List<String> CONTAINERS =
      List.of("containers", "initContainers", "ephemeralContainers");

  /// Lists of mappings that are merged, by kind and path, with the key that makes two entries one.
  private static final Map<Kind, Map<String, String>> KEYS =
      Map.of(
          Kind.DEPLOYMENT, deploymentKeys(),
          Kind.SERVICE, Map.of("spec.ports", "port"),
          Kind.SERVICE_ACCOUNT, Map.of("secrets", "name"));

  private final Map<String, String> keys;

  private StrategicMerge(Kind kind) {
    this.keys = KEYS.getOrDefault(kind, Map.of());
  }

  /// A patch that means nothing: the path, what was found there and what is accepted.
  static final class Malformed extends Exception {
    Malformed(String path, String found, String accepted) {
      super((path.isEmpty() ? "" : path + ": ") + "found " + found + ", accepted: " + accepted);
    }
  }

  private static Map<String, String> deploymentKeys() {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String list :
        List.of("volumes", "imagePullSecrets", "schedulingGates", "resourceClaims")) {
      keys.put(POD + list, "name");
    }
    keys.put(POD + "hostAliases", "ip");
    keys.put(POD + "topologySpreadConstraints", "topologyKey");
    for (String list : CONTAINERS) {
      keys.put(POD + list, "name");
      keys.put(POD + list + ".env", "name");
      keys.put(POD + list + ".ports", "containerPort");
      keys.put(POD + list + ".volumeMounts", "mountPath");
      keys.put(POD + list + ".volumeDevices", "devicePath");
    }
    return Map.copyOf(keys);
  }

  /// The object with the patch laid over it; neither of the two is changed.
  static Map<String, Object> merge(Kind kind, Map<?, ?> object, Map<?, ?> patch) throws Malformed {
    Map<String, Object> merged = new StrategicMerge(kind).mappings(object, patch, "");
    return merged == null ? Map.of() : merged;
  }

  /// Null where the patch deletes the mapping.
  private @Nullable Map<String, Object> mappings(Map<?, ?> object, Map<?, ?> patch, String path)
      throws Malformed {
    switch (directive(patch, path)) {
      case "delete" -> {
        return null;
      }
      case "replace" -> {
        return without(patch);
      }
      default -> {
        // merged
      }
    }
    Map<String, Object> merged = new LinkedHashMap<>();
    object.forEach((name, value) -> merged.put(String.valueOf(name), value));
    for (Map.Entry<?, ?> entry : patch.entrySet()) {
      String name = String.valueOf(entry.getKey());
      if (name.startsWith(DELETE_FROM)) {
        removeFrom(merged, name.substring(DELETE_FROM.length()), entry.getValue(), path);
      } else if (name.startsWith("$") && !name.equals(DIRECTIVE) && !name.equals(RETAIN)) {
        throw new Malformed(path, name, ACCEPTED);
      } else if (!name.startsWith("$")) {
        Object now = value(merged.get(name), entry.getValue(), at(path, name));
        if (now == null) {
          merged.remove(name);
        } else {
          merged.put(name, now);
        }
      }
    }
    if (patch.get(RETAIN) instanceof Collection<?> retained) {
      merged.keySet().retainAll(retained);
    }
    return merged;
  }

  private @Nullable Object value(@Nullable Object old, @Nullable Object patch, String path)
      throws Malformed {
    if (patch instanceof Map<?, ?> map) {
      // also where nothing was there, so that directives do not end in the object
      return mappings(old instanceof Map<?, ?> now ? now : Map.of(), map, path);
    }
    String key = keys.get(path);
    if (patch instanceof List<?> list && key != null) {
      return entries(old instanceof List<?> now ? now : List.of(), list, key, path);
    }
    if (patch instanceof List<?> list && path.equals("metadata.finalizers")) {
      List<Object> all = new ArrayList<>(old instanceof List<?> now ? now : List.of());
      list.stream().filter(each -> !all.contains(each)).forEach(all::add);
      return all;
    }
    return patch;
  }

  private List<Object> entries(List<?> old, List<?> patch, String key, String path)
      throws Malformed {
    List<Object> merged = new ArrayList<>(old);
    for (int i = 0; i < patch.size(); i++) {
      String where = path + "[" + i + "]";
      if (!(patch.get(i) instanceof Map<?, ?> entry)) {
        throw new Malformed(where, String.valueOf(patch.get(i)), "a mapping");
      }
      Object id = entry.get(key);
      if (id == null) {
        if (directive(entry, where).equals("replace") && entry.size() == 1) {
          List<Object> others = new ArrayList<>(patch);
          others.remove(i);
          return others;
        }
        throw new Malformed(where, "no " + key, "an entry with " + key);
      }
      int at = position(merged, key, id);
      Map<?, ?> before = at < 0 ? Map.of() : (Map<?, ?>) merged.get(at);
      Map<String, Object> now = mappings(before, entry, path);
      if (at < 0 && now != null) {
        merged.add(now);
      } else if (at >= 0 && now != null) {
        merged.set(at, now);
      } else if (at >= 0) {
        merged.remove(at);
      }
    }
    return merged;
  }

  private static int position(List<Object> list, String key, Object id) {
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) instanceof Map<?, ?> map && id.equals(map.get(key))) {
        return i;
      }
    }
    return -1;
  }

  private static void removeFrom(
      Map<String, Object> from, String name, @Nullable Object gone, String path) throws Malformed {
    if (!(gone instanceof List<?> values)) {
      throw new Malformed(at(path, DELETE_FROM + name), String.valueOf(gone), "a list");
    }
    if (from.get(name) instanceof List<?> list) {
      List<Object> rest = new ArrayList<>(list);
      rest.removeAll(values);
      from.put(name, rest);
    }
  }

  private static String directive(Map<?, ?> patch, String path) throws Malformed {
    Object directive = patch.containsKey(DIRECTIVE) ? patch.get(DIRECTIVE) : "merge";
    if (directive instanceof String word && List.of("merge", "replace", "delete").contains(word)) {
      return word;
    }
    throw new Malformed(at(path, DIRECTIVE), String.valueOf(directive), "merge, replace or delete");
  }

  private static Map<String, Object> without(Map<?, ?> patch) {
    Map<String, Object> rest = new LinkedHashMap<>();
    patch.forEach((name, value) -> rest.put(String.valueOf(name), value));
    rest.remove(DIRECTIVE);
    return rest;
  }

  private static String at(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
