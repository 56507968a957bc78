package dev.kiri.local.workload;

import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.store.KubeObject;
import java.util.Map;

/// What can be read off a Pod object. Pure.
public final class Pods {
  private Pods() {}

  public static boolean isReady(KubeObject pod) {
    return pod.maps("status", "conditions").stream()
        .anyMatch(c -> textIn(c, "type").equals("Ready") && textIn(c, "status").equals("True"));
  }

  public static boolean isTerminating(KubeObject pod) {
    return !pod.text("metadata", "deletionTimestamp").isEmpty();
  }

  public static boolean isFinished(KubeObject pod) {
    var phase = pod.text("status", "phase");
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /// True for a pod that a Job made.
  public static boolean isOfJob(KubeObject pod) {
    return PodTemplate.ownerOf(pod).startsWith("Job/");
  }

  /// True for a pod that stands outside the mesh, behind the router.
  public static boolean isOutside(KubeObject pod) {
    return PodTemplate.isOutside(pod);
  }

  /// True when every label of a selector is there; an empty selector selects nothing.
  public static boolean matches(Map<String, String> selector, Map<String, String> labels) {
    return !selector.isEmpty() && labels.entrySet().containsAll(selector.entrySet());
  }
}
