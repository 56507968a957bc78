package dev.kiri.controlplane.provision;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Document trees, written short.
final class Trees {
  private Trees() {}

  /// A map of keys and values in the given order.
  static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  static Map<String, Object> fieldRef(String name, String path) {
    return map("name", name, "valueFrom", map("fieldRef", map("fieldPath", path)));
  }

  static Map<String, Object> value(String name, String value) {
    return map("name", name, "value", value);
  }

  static Map<String, Object> emptyDir(String name) {
    return map("name", name, "emptyDir", map());
  }

  static Map<String, Object> mount(String name, String path) {
    return map("name", name, "mountPath", path);
  }

  static Map<String, Object> item(String path, String field) {
    return map("path", path, "fieldRef", map("fieldPath", field));
  }

  static List<Object> list(Object... items) {
    return List.of(items);
  }
}
