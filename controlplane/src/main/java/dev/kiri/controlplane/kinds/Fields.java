package dev.kiri.controlplane.kinds;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One mapping of a document while it is read: every getter checks the type and notes the field as
/// known; [#done()] reports what was not asked for. A wrong type is an error at the field's path
/// and reads as absent, so that one pass finds all problems. Confined to the decoding thread.
final class Fields {
  private static final int SHOWN = 60;

  private final Map<?, ?> tree;
  private final String path;
  private final Problems problems;
  private final Set<String> known = new HashSet<>();

  Fields(Map<?, ?> tree, String path, Problems problems) {
    this.tree = tree;
    this.path = path;
    this.problems = problems;
  }

  Problems problems() {
    return problems;
  }

  String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /// Reports what is wrong with a field.
  void error(String name, String found, String accepted) {
    problems.error(at(name), found, accepted);
  }

  /// Reports what has no effect.
  void warning(String name, String found, String accepted) {
    problems.warning(at(name), found, accepted);
  }

  boolean has(String name) {
    return tree.get(name) != null;
  }

  /// A raw value, not checked; notes the field as known.
  @Nullable Object raw(String name) {
    known.add(name);
    return tree.get(name);
  }

  @Nullable String string(String name) {
    Object value = raw(name);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    error(name, show(value), "a string" + (isScalar(value) ? " (put it in quotes)" : ""));
    return null;
  }

  String stringOr(String name, String absent) {
    String value = string(name);
    return value == null ? absent : value;
  }

  /// A string that must be there and not be empty; an empty string is returned where it is not.
  String required(String name) {
    String value = string(name);
    if (value == null || value.isEmpty()) {
      if (!(raw(name) != null && value == null)) {
        error(name, value == null ? "nothing" : "\"\"", "a string (required)");
      }
      return "";
    }
    return value;
  }

  long number(String name, long absent, long low, long high) {
    Object value = raw(name);
    if (value == null) {
      return absent;
    }
    if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (number >= low && number <= high) {
        return number;
      }
    }
    error(name, show(value), "a whole number from " + low + " to " + high);
    return absent;
  }

  /// A number with or without a fraction.
  double decimal(String name, double absent, double low, double high) {
    Object value = raw(name);
    if (value == null) {
      return absent;
    }
    if (value instanceof Number written) {
      double number = written.doubleValue();
      if (number >= low && number <= high) {
        return number;
      }
    }
    error(name, show(value), "a number from " + low + " to " + high);
    return absent;
  }

  boolean bool(String name, boolean absent) {
    Object value = raw(name);
    if (value == null) {
      return absent;
    }
    if (value instanceof Boolean b) {
      return b;
    }
    error(name, show(value), "true or false");
    return absent;
  }

  /// One of the accepted words, or `absent` where the field is missing or wrong.
  String choice(String name, String absent, Collection<String> accepted) {
    String value = string(name);
    if (value == null) {
      return absent;
    }
    if (accepted.contains(value)) {
      return value;
    }
    error(name, show(value), "one of " + String.join(", ", new TreeSet<>(accepted)));
    return absent;
  }

  List<String> strings(String name) {
    List<String> out = new ArrayList<>();
    int i = 0;
    for (Object value : sequence(name)) {
      if (value instanceof String s) {
        out.add(s);
      } else {
        problems.error(
            at(name) + "[" + i + "]",
            show(value),
            "a string" + (isScalar(value) ? " (put it in quotes)" : ""));
      }
      i++;
    }
    return List.copyOf(out);
  }

  Map<String, String> stringMap(String name) {
    Map<String, String> out = new LinkedHashMap<>();
    mapping(name)
        .forEach(
            (key, value) -> {
              if (value instanceof String s) {
                out.put(String.valueOf(key), s);
              } else {
                problems.error(
                    at(name) + "." + key,
                    show(value),
                    "a string" + (isScalar(value) ? " (put it in quotes)" : ""));
              }
            });
    return Map.copyOf(out);
  }

  /// The mapping under a name; an empty one where it is missing.
  Fields child(String name) {
    return new Fields(mapping(name), at(name), problems);
  }

  /// The mappings under a name, each under a key of the user's.
  Map<String, Fields> children(String name) {
    Map<String, Fields> out = new LinkedHashMap<>();
    mapping(name)
        .forEach(
            (key, value) -> {
              String where = at(name) + "." + key;
              if (value instanceof Map<?, ?> map) {
                out.put(String.valueOf(key), new Fields(map, where, problems));
              } else {
                problems.error(where, show(value), "a mapping");
              }
            });
    return out;
  }

  <T> List<T> list(String name, Function<Fields, T> read) {
    List<T> out = new ArrayList<>();
    int i = 0;
    for (Object value : sequence(name)) {
      String where = at(name) + "[" + i++ + "]";
      if (value instanceof Map<?, ?> map) {
        out.add(read.apply(new Fields(map, where, problems)));
      } else {
        problems.error(where, show(value), "a mapping");
      }
    }
    return List.copyOf(out);
  }

  /// Notes fields that exist in the API and have no meaning here.
  void ignore(String... names) {
    known.addAll(List.of(names));
  }

  /// Fields that nobody asked for, sorted.
  Set<String> unknown() {
    Set<String> rest = new TreeSet<>();
    for (Object name : tree.keySet()) {
      if (!known.contains(String.valueOf(name))) {
        rest.add(String.valueOf(name));
      }
    }
    return rest;
  }

  /// Warns about every field that nobody asked for.
  void done() {
    for (String name : unknown()) {
      warning(name, "an unknown field", known());
    }
  }

  /// Finds every field that nobody asked for in error: where one that is not understood might allow
  /// or show more than was meant.
  void doneStrictly() {
    for (String name : unknown()) {
      error(name, "an unknown field", known());
    }
  }

  private String known() {
    return "one of " + String.join(", ", new TreeSet<>(known));
  }

  private List<?> sequence(String name) {
    Object value = raw(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    error(name, show(value), "a list");
    return List.of();
  }

  private Map<?, ?> mapping(String name) {
    Object value = raw(name);
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    error(name, show(value), "a mapping");
    return Map.of();
  }

  private static boolean isScalar(@Nullable Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  static String show(@Nullable Object value) {
    if (value == null) {
      return "nothing";
    }
    if (value instanceof Map<?, ?>) {
      return "a mapping";
    }
    if (value instanceof List<?>) {
      return "a list";
    }
    String text = String.valueOf(value);
    String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return value instanceof String ? "\"" + cut + "\"" : cut;
  }
}
