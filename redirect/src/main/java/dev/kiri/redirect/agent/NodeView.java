package dev.kiri.redirect.agent;

import java.util.Map;

/// The pods of this node and the labels of all namespaces, at one moment. Immutable.
///
/// @param pods by uid
/// @param namespaceLabels by namespace; one that is not known has none
public record NodeView(Map<String, Pod> pods, Map<String, Map<String, String>> namespaceLabels) {
  static final NodeView EMPTY = new NodeView(Map.of(), Map.of());

  public NodeView {
    pods = Map.copyOf(pods);
    namespaceLabels = Map.copyOf(namespaceLabels);
  }

  Map<String, String> labelsOf(String namespace) {
    return namespaceLabels.getOrDefault(namespace, Map.of());
  }
}
