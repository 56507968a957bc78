package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.LabelSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds the objects of a namespace whose label selector matches a pod, so that a pod depends on
/// those selectors only that could match it: every selector stands in the index under its first
/// pair, and a pod looks under each of its labels.
final class Selection {
  private Selection() {}

  /// The index entries of an object with a map selector; none for an empty selector.
  static List<String> entries(String namespace, @Nullable Map<String, String> selector) {
    if (selector == null || selector.isEmpty()) {
      return List.of();
    }
    var first = new TreeMap<>(selector).firstEntry();
    return List.of(entry(namespace, first.getKey(), first.getValue()));
  }

  /// The objects of a namespace that select the labels, in the order of their names.
  static <V> List<V> selecting(
      Reader reader,
      Index<String, String, V> index,
      Function<V, @Nullable Map<String, String>> selector,
      String namespace,
      Map<String, String> labels) {
    List<V> found = new ArrayList<>();
    for (var label : new TreeMap<>(labels).entrySet()) {
      for (V candidate : reader.find(index, entry(namespace, label.getKey(), label.getValue()))) {
        Map<String, String> wanted = selector.apply(candidate);
        if (wanted != null && LabelSelector.selects(wanted, labels)) {
          found.add(candidate);
        }
      }
    }
    return found;
  }

  private static String entry(String namespace, String key, String value) {
    return namespace + "|" + key + "=" + value;
  }
}
