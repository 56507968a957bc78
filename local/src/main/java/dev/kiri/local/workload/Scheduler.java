package dev.kiri.local.workload;

import dev.kiri.local.store.KubeObject;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Chooses a node for a pod: the named one, else the allowed node with the fewest pods of the same
/// workload, then with the fewest pods, then the first. Pure.
final class Scheduler {
  private Scheduler() {}

  /// @param nodes name to labels, in the order of the nodes
  static Optional<String> choose(
      KubeObject pod, Map<String, Map<String, String>> nodes, Collection<KubeObject> pods) {
    var selector = pod.texts("spec", "nodeSelector");
    List<String> allowed =
        nodes.entrySet().stream()
            .filter(n -> selector.isEmpty() || Pods.matches(selector, n.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    var owner = PodTemplate.ownerOf(pod);
    return allowed.stream()
        .min(
            Comparator.comparingLong((String n) -> owner.isEmpty() ? 0 : count(pods, n, owner))
                .thenComparingLong(n -> count(pods, n, "")));
  }

  private static long count(Collection<KubeObject> pods, String node, String owner) {
    return pods.stream()
        .filter(p -> p.text("spec", "nodeName").equals(node) && !Pods.isTerminating(p))
        .filter(
            p ->
                owner.isEmpty()
                    ? !p.flag(false, "spec", "hostNetwork")
                    : PodTemplate.ownerOf(p).equals(owner))
        .count();
  }
}
