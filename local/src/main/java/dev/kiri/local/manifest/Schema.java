package dev.kiri.local.manifest;

import dev.kiri.local.store.KubeObject;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What may stand at one place of an object. Immutable.
///
/// Written in YAML as: a word for a scalar (`text`, `name`, `number`, `port`, `flag`, `address`,
/// `duration`, `portOrName`, `any`), `a|b|c` for one of these words, `map` for texts by name, a
/// list with one element for a list of that, an object for an object with these fields (a `!` after
/// a name makes the field required), `$type` for a named type.
sealed interface Schema {
  void check(String path, Object value, Report report);

  /// A single value of some form.
  record Scalar(String form) implements Schema {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,5}(h|m|s|ms)){1,4}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

    @Override
    public void check(String path, Object value, Report report) {
      var accepted = acceptedUnless(value);
      if (accepted != null) {
        report.error(path, Found.of(value), accepted);
      }
    }

    private @Nullable String acceptedUnless(Object value) {
      boolean scalar = !(value instanceof Map) && !(value instanceof List);
      return switch (form) {
        case "any" -> null;
        case "text" ->
            scalar && !(value instanceof Number) && !(value instanceof Boolean) ? null : "a text";
        case "scalar" -> scalar ? null : "a text or number";
        case "flag" -> value instanceof Boolean ? null : "true or false";
        case "number" ->
            value instanceof Integer n && n >= 0 || value instanceof Long
                ? null
                : "a whole number, 0 or more";
        case "port" ->
            value instanceof Integer n && n > 0 && n < 65_536 ? null : "a port number, 1 to 65535";
        case "portOrName" ->
            value instanceof Integer n && n > 0 && n < 65_536
                    || value instanceof String s && !s.isEmpty()
                ? null
                : "a port number, 1 to 65535, or the name of a port";
        case "name" ->
            value instanceof String s && NAME.matcher(s).matches()
                ? null
                : "a name of lower-case letters, digits, '-' and '.'";
        case "duration" ->
            value instanceof String s && DURATION.matcher(s).matches()
                ? null
                : "a duration such as 10s, 500ms or 1m30s";
        case "address" ->
            value instanceof String s && Addresses.isAddress(s) ? null : "an IPv4 or IPv6 address";
        case "addressOrNone" ->
            value instanceof String s && (s.equals("None") || s.isEmpty() || Addresses.isAddress(s))
                ? null
                : "an IPv4 or IPv6 address, or None";
        case "range" ->
            value instanceof String s && Addresses.isRange(s)
                ? null
                : "an address or a range such as 10.0.0.0/8";
        default -> throw new IllegalStateException("schemas.yaml: there is no form named " + form);
      };
    }
  }

  /// One of some words.
  record OneOf(List<String> words) implements Schema {
    @Override
    public void check(String path, Object value, Report report) {
      if (!(value instanceof String text && words.contains(text))) {
        report.error(path, Found.of(value), "one of " + String.join(", ", words));
      }
    }
  }

  /// Texts by name.
  record Texts() implements Schema {
    @Override
    public void check(String path, Object value, Report report) {
      if (!(value instanceof Map<?, ?> map)) {
        report.error(path, Found.of(value), "texts by name");
        return;
      }
      map.forEach(
          (k, v) -> {
            if (!(v instanceof String)) {
              report.error(
                  path + "[" + k + "]",
                  Found.of(v),
                  "a text (numbers and true or false need quotes)");
            }
          });
    }
  }

  /// A list of the same.
  record ListOf(Schema element) implements Schema {
    @Override
    public void check(String path, Object value, Report report) {
      if (!(value instanceof List<?> list)) {
        report.error(path, Found.of(value), "a list");
        return;
      }
      for (int i = 0; i < list.size(); i++) {
        element.check(path + "[" + i + "]", java.util.Objects.requireNonNull(list.get(i)), report);
      }
    }
  }

  /// An object with these fields.
  record Fields(Map<String, Schema> fields, Set<String> required) implements Schema {
    @Override
    public void check(String path, Object value, Report report) {
      if (!(value instanceof Map<?, ?>)) {
        report.error(path, Found.of(value), "an object with fields " + names());
        return;
      }
      var map = KubeObject.asMap(value);
      var prefix = path.isEmpty() ? "" : path + ".";
      map.forEach(
          (name, inner) -> {
            var schema = fields.get(name);
            if (schema == null) {
              report.warning(
                  prefix + name, "an unknown field", similar(name) + "one of " + names());
            } else {
              schema.check(prefix + name, inner, report);
            }
          });
      for (var name : required) {
        if (!map.containsKey(name)) {
          report.error(
              prefix + name,
              "nothing",
              fields.get(name) instanceof Scalar s ? "a value (" + s.form() + ")" : "a value");
        }
      }
    }

    private String names() {
      return String.join(", ", new TreeSet<>(fields.keySet()));
    }

    private String similar(String name) {
      return fields.keySet().stream()
          .filter(
              f ->
                  f.equalsIgnoreCase(name)
                      || distance(f.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT)) <= 2)
          .findFirst()
          .map(f -> "perhaps " + f + "; ")
          .orElse("");
    }

    private static int distance(String a, String b) {
      var row = new int[b.length() + 1];
      Arrays.setAll(row, i -> i);
      for (int i = 1; i <= a.length(); i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= b.length(); j++) {
          int next =
              Math.min(
                  Math.min(row[j], row[j - 1]) + 1,
                  diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
          diagonal = row[j];
          row[j] = next;
        }
      }
      return row[b.length()];
    }
  }

  /// A type of its own, looked up when it is used, so that types may contain themselves.
  record Named(String name, Map<String, Object> types) implements Schema {
    @Override
    public void check(String path, Object value, Report report) {
      var type = types.get(name);
      if (type == null) {
        throw new IllegalStateException("schemas.yaml: there is no type named " + name);
      }
      of(type, types).check(path, value, report);
    }
  }

  static Schema of(Object written, Map<String, Object> types) {
    return switch (written) {
      case String word when word.startsWith("$") -> new Named(word.substring(1), types);
      case String word when word.contains("|") -> new OneOf(List.of(word.split("\\|")));
      case String word when word.equals("map") -> new Texts();
      case String word -> new Scalar(word);
      case List<?> list -> new ListOf(of(java.util.Objects.requireNonNull(list.getFirst()), types));
      case Map<?, ?> map -> fields(KubeObject.asMap(map), types);
      default -> throw new IllegalStateException("schemas.yaml: " + written + " is no schema");
    };
  }

  private static Schema fields(Map<String, Object> map, Map<String, Object> types) {
    var fields = new LinkedHashMap<String, Schema>();
    var required = new HashSet<String>();
    map.forEach(
        (name, inner) -> {
          boolean must = name.endsWith("!");
          var plain = must ? name.substring(0, name.length() - 1) : name;
          fields.put(plain, of(inner, types));
          if (must) {
            required.add(plain);
          }
        });
    return new Fields(fields, required);
  }
}
