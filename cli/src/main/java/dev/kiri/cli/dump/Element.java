package dev.kiri.cli.dump;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One object of a dump. Look-ups never fail: what is missing, or of another type, is empty.
public record Element(Map<String, Object> fields) {

  /// Of a map; anything else has no fields.
  public static Element of(@Nullable Object tree) {
    var fields = new LinkedHashMap<String, Object>();
    if (tree instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            if (value != null) {
              fields.put(String.valueOf(key), value);
            }
          });
    }
    return new Element(fields);
  }

  /// The value of a key, in whatever case the dump spells it.
  @Nullable Object at(String key) {
    var exact = fields.get(key);
    if (exact != null) {
      return exact;
    }
    return fields.entrySet().stream()
        .filter(field -> field.getKey().equalsIgnoreCase(key))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  public String text(String key) {
    var value = at(key);
    return value == null || value instanceof Map || value instanceof List ? "" : value.toString();
  }

  public Element element(String key) {
    return of(at(key));
  }

  /// The elements of an array, or the values of an object.
  List<Element> elements(String key) {
    return values(key).stream().map(Element::of).toList();
  }

  public List<String> texts(String key) {
    return values(key).stream().map(Object::toString).toList();
  }

  private List<Object> values(String key) {
    var found =
        switch (at(key)) {
          case List<?> list -> new ArrayList<@Nullable Object>(list);
          case Map<?, ?> map -> new ArrayList<@Nullable Object>(map.values());
          case null, default -> List.<@Nullable Object>of();
        };
    var out = new ArrayList<Object>();
    for (var value : found) {
      if (value != null) {
        out.add(value);
      }
    }
    return out;
  }

  /// This element with one field replaced, under the key the dump spells it with.
  Element with(String key, Object value) {
    var changed = new LinkedHashMap<>(fields);
    var spelled =
        fields.keySet().stream().filter(name -> name.equalsIgnoreCase(key)).findFirst().orElse(key);
    changed.put(spelled, value);
    return new Element(changed);
  }

  /// The elements of a namespace, whatever its case; all for an empty text.
  public static List<Element> inNamespace(List<Element> elements, String namespace) {
    return elements.stream()
        .filter(e -> namespace.isEmpty() || namespace.equalsIgnoreCase(e.text("namespace")))
        .toList();
  }
}
