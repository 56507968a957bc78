package dev.kiri.local.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One Kubernetes object as a tree of maps, lists and scalars. Immutable: the methods that change
/// something return a copy.
/// Lookups never fail on a missing or oddly typed field; they answer empty.
public record KubeObject(Map<String, Object> fields) {
  public KubeObject {
    fields = frozenMap(fields);
  }

  public static KubeObject of(Map<?, ?> fields) {
    return new KubeObject(stringKeys(fields));
  }

  public String kind() {
    return text("kind");
  }

  public String apiVersion() {
    return text("apiVersion");
  }

  public String name() {
    return text("metadata", "name");
  }

  /// Empty for kinds without a namespace.
  public String namespace() {
    return Kind.named(kind()).namespaced() ? textOr("default", "metadata", "namespace") : "";
  }

  public String uid() {
    return text("metadata", "uid");
  }

  public ObjectKey key() {
    return ObjectKey.of(kind(), namespace(), name());
  }

  public Map<String, String> labels() {
    return texts("metadata", "labels");
  }

  public Map<String, String> annotations() {
    return texts("metadata", "annotations");
  }

  public @Nullable Object at(String... path) {
    return in(fields, path);
  }

  /// The text at a path, empty where there is none. Numbers and booleans are spelled out.
  public String text(String... path) {
    return textOr("", path);
  }

  public String textOr(String otherwise, String... path) {
    return scalar(at(path), otherwise);
  }

  public Map<String, Object> map(String... path) {
    return asMap(at(path));
  }

  public List<Object> list(String... path) {
    return asList(at(path));
  }

  /// The maps of the list at a path; other elements are left out.
  public List<Map<String, Object>> maps(String... path) {
    return mapsOf(at(path));
  }

  /// The map at a path with its values as texts.
  public Map<String, String> texts(String... path) {
    var out = new LinkedHashMap<String, String>();
    map(path).forEach((k, v) -> out.put(k, scalar(v, "")));
    return out;
  }

  public int number(int otherwise, String... path) {
    return at(path) instanceof Number n ? n.intValue() : otherwise;
  }

  public boolean flag(boolean otherwise, String... path) {
    return at(path) instanceof Boolean b ? b : otherwise;
  }

  /// This object with the value at a path replaced; `null` removes it. Missing maps on the way are
  /// made.
  public KubeObject with(@Nullable Object value, String... path) {
    return new KubeObject(replaced(fields, value, path, 0));
  }

  /// This object with `other` merged over it: maps are merged, everything else is replaced.
  public KubeObject mergedWith(Map<String, Object> other) {
    return new KubeObject(merged(fields, other));
  }

  // Free functions on such trees, for parts of objects.

  public static @Nullable Object in(@Nullable Object tree, String... path) {
    var here = tree;
    for (var step : path) {
      here = here instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return here;
  }

  public static String textIn(@Nullable Object tree, String... path) {
    return scalar(in(tree, path), "");
  }

  public static int numberIn(@Nullable Object tree, int otherwise, String... path) {
    return in(tree, path) instanceof Number n ? n.intValue() : otherwise;
  }

  public static Map<String, Object> asMap(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? stringKeys(map) : Map.of();
  }

  public static List<Object> asList(@Nullable Object value) {
    return value instanceof List<?> list ? List.copyOf(list) : List.of();
  }

  public static List<Map<String, Object>> mapsOf(@Nullable Object value) {
    return asList(value).stream().filter(Map.class::isInstance).map(KubeObject::asMap).toList();
  }

  public static List<String> textsOf(@Nullable Object value) {
    return asList(value).stream().map(v -> scalar(v, "")).toList();
  }

  private static String scalar(@Nullable Object value, String otherwise) {
    return switch (value) {
      case null -> otherwise;
      case Map<?, ?> _ -> otherwise;
      case List<?> _ -> otherwise;
      default -> value.toString();
    };
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> stringKeys(Map<?, ?> map) {
    boolean plain = map.keySet().stream().allMatch(String.class::isInstance);
    if (plain) {
      return (Map<String, Object>) map;
    }
    var out = new LinkedHashMap<String, Object>();
    map.forEach((k, v) -> out.put(String.valueOf(k), v));
    return out;
  }

  private static Map<String, Object> replaced(
      Map<String, Object> map, @Nullable Object value, String[] path, int depth) {
    var out = new LinkedHashMap<>(map);
    var step = path[depth];
    if (depth < path.length - 1) {
      out.put(step, replaced(asMap(map.get(step)), value, path, depth + 1));
    } else if (value == null) {
      out.remove(step);
    } else {
      out.put(step, value);
    }
    return out;
  }

  private static Map<String, Object> merged(Map<String, Object> under, Map<String, Object> over) {
    var out = new LinkedHashMap<>(under);
    over.forEach(
        (k, v) -> {
          var old = out.get(k);
          out.put(k, old instanceof Map && v instanceof Map ? merged(asMap(old), asMap(v)) : v);
        });
    return out;
  }

  private static Map<String, Object> frozenMap(Map<?, ?> map) {
    var out = new LinkedHashMap<String, Object>();
    map.forEach(
        (k, v) -> {
          if (v != null) { // YAML's "key:" says nothing: an absent field
            out.put(String.valueOf(k), frozen(v));
          }
        });
    return java.util.Collections.unmodifiableMap(out);
  }

  private static Object frozen(Object value) {
    return switch (value) {
      case Map<?, ?> map -> frozenMap(map);
      case List<?> list -> {
        var out = new ArrayList<Object>();
        list.forEach(v -> out.add(v == null ? "" : frozen(v)));
        yield java.util.Collections.unmodifiableList(out);
      }
      default -> value;
    };
  }
}
