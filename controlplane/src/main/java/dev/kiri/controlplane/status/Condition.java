package dev.kiri.controlplane.status;

import dev.kiri.controlplane.waypointconfig.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;

/// A condition without the time of its transition.
///
/// @param status `True`, `False` or `Unknown`
/// @param generation generation of the object that was judged; 0 leaves it out
record Condition(String type, String status, String reason, String message, long generation) {
  static Condition of(String type, Verdict verdict, long generation) {
    return new Condition(
        type, verdict.holds() ? "True" : "False", verdict.reason(), verdict.message(), generation);
  }

  static Condition yes(String type, String reason, String message, long generation) {
    return new Condition(type, "True", reason, message, generation);
  }

  static Condition no(String type, String reason, String message, long generation) {
    return new Condition(type, "False", reason, message, generation);
  }

  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (generation > 0) {
      // as YAML gives small numbers back, so that an unchanged status is seen to be unchanged
      tree.put(
          "observedGeneration",
          generation <= Integer.MAX_VALUE ? (Object) (int) generation : generation);
    }
    tree.put("reason", reason);
    tree.put("message", message);
    tree.put("status", status);
    tree.put("type", type);
    return tree;
  }
}
