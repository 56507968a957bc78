package dev.kiri.redirect.agent;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Whether a pod belongs in the mesh, whatever it is now. Immutable.
///
/// @param excludedNamespaces whose pods are never captured, and leave the mesh if they are in it
/// @param systemNamespace where ztunnel lives
record Eligibility(
    EnablementSelector selector, Set<String> excludedNamespaces, String systemNamespace) {
  Eligibility {
    excludedNamespaces = Set.copyOf(excludedNamespaces);
  }

  /// The answer, with the reason for the log.
  sealed interface Verdict {
    record Eligible() implements Verdict {}

    record NotEligible(String reason) implements Verdict {}
  }

  /// Reads a comma list, forgiving blanks and empty entries.
  static Set<String> namespaces(String list) {
    return Arrays.stream(list.split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }

  Verdict verdict(Pod pod, Map<String, String> namespaceLabels) {
    if (excludedNamespaces.contains(pod.namespace())) {
      return new Verdict.NotEligible("its namespace is excluded");
    }
    return matches(pod, namespaceLabels);
  }

  /// The same without the list of excluded namespaces.
  Verdict matches(Pod pod, Map<String, String> namespaceLabels) {
    if (pod.hostNetwork()) {
      return new Verdict.NotEligible("it uses the host's network");
    }
    if (pod.annotations().containsKey(MeshLabels.SIDECAR_STATUS)) {
      return new Verdict.NotEligible("it has a sidecar");
    }
    if (!selector.matches(pod.labels(), namespaceLabels)) {
      return new Verdict.NotEligible("no label asks for it");
    }
    return new Verdict.Eligible();
  }

  /// Whether this is ztunnel itself.
  boolean isZtunnel(Pod pod) {
    return pod.namespace().equals(systemNamespace)
        && MeshLabels.ZTUNNEL_APP.equals(pod.labels().get(MeshLabels.APP));
  }
}
