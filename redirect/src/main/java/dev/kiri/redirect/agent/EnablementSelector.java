package dev.kiri.redirect.agent;

import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Which pods of which namespaces the mesh captures: any entry whose two selectors both match. An
/// empty list captures nothing. Immutable.
record EnablementSelector(List<Entry> entries) {
  /// Upstream's chart: the label on the pod, or on its namespace unless the pod says `none`.
  static final String DEFAULT =
      """
      - podSelector: { matchLabels: { istio.io/dataplane-mode: ambient } }
      - podSelector:
          matchExpressions: [ { key: istio.io/dataplane-mode, operator: NotIn, values: [none] } ]
        namespaceSelector: { matchLabels: { istio.io/dataplane-mode: ambient } }
      """;

  EnablementSelector {
    entries = List.copyOf(entries);
  }

  record Entry(LabelSelector pod, LabelSelector namespace) {}

  /// Reads the YAML list.
  ///
  /// @throws IllegalArgumentException naming what is not understood
  static EnablementSelector parse(String yaml) {
    try {
      var list = YAMLMapper.shared().readTree(yaml);
      if (!list.isArray()) {
        throw new IllegalArgumentException("expected a list of podSelector and namespaceSelector");
      }
      return new EnablementSelector(
          list.valueStream()
              .map(
                  entry ->
                      new Entry(
                          LabelSelector.parse(entry.path("podSelector")),
                          LabelSelector.parse(entry.path("namespaceSelector"))))
              .toList());
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException("not YAML: " + malformed.getOriginalMessage(), malformed);
    }
  }

  boolean matches(Map<String, String> podLabels, Map<String, String> namespaceLabels) {
    return entries.stream()
        .anyMatch(
            entry -> entry.pod().matches(podLabels) && entry.namespace().matches(namespaceLabels));
  }

  /// Whether the namespace itself is selected; entries that say nothing of namespaces do not count.
  boolean matchesNamespace(Map<String, String> namespaceLabels) {
    return entries.stream()
        .anyMatch(
            entry -> !entry.namespace().isEmpty() && entry.namespace().matches(namespaceLabels));
  }
}
