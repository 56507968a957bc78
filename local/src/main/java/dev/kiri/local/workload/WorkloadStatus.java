package dev.kiri.local.workload;

import dev.kiri.local.pod.PodStatus;
import dev.kiri.local.store.KubeObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What workloads say of their pods, as Kubernetes' controllers write it. Pure.
final class WorkloadStatus {
  private WorkloadStatus() {}

  /// Of a Deployment or StatefulSet.
  ///
  /// @param updated how many pods are of the newest template
  static Map<String, Object> ofReplicas(
      KubeObject workload, int wanted, int all, int ready, int updated, Instant now) {
    var status = new LinkedHashMap<String, Object>();
    status.put("replicas", all);
    status.put("readyReplicas", ready);
    status.put("availableReplicas", ready);
    status.put("updatedReplicas", updated);
    status.put("unavailableReplicas", Math.max(0, wanted - ready));
    if (workload.kind().equals("Deployment")) {
      status.put(
          "conditions",
          List.of(
              PodStatus.condition(
                  "Available",
                  ready >= wanted,
                  "MinimumReplicasUnavailable",
                  "Deployment does not have minimum availability.",
                  workload.map("status"),
                  now)));
    }
    return observed(workload, status);
  }

  /// Of a DaemonSet.
  ///
  /// @param wanted how many nodes it selects
  static Map<String, Object> ofDaemons(KubeObject workload, int wanted, int ready) {
    var status = new LinkedHashMap<String, Object>();
    status.put("desiredNumberScheduled", wanted);
    status.put("currentNumberScheduled", wanted);
    status.put("numberReady", ready);
    status.put("numberAvailable", ready);
    return observed(workload, status);
  }

  /// Of a Job.
  static Map<String, Object> ofJob(
      KubeObject workload, int active, int succeeded, int failed, Instant now) {
    var status = new LinkedHashMap<String, Object>();
    status.put("active", active);
    status.put("succeeded", succeeded);
    status.put("failed", failed);
    boolean complete = succeeded >= workload.number(1, "spec", "completions");
    if (complete || hasGivenUp(workload, failed)) {
      var type = complete ? "Complete" : "Failed";
      status.put(
          "conditions",
          List.of(PodStatus.condition(type, true, "", "", workload.map("status"), now)));
    }
    return observed(workload, status);
  }

  /// Whether a Job makes no further pods after so many failed.
  static boolean hasGivenUp(KubeObject job, int failed) {
    return failed > job.number(6, "spec", "backoffLimit");
  }

  private static Map<String, Object> observed(KubeObject workload, Map<String, Object> status) {
    status.put("observedGeneration", workload.number(1, "metadata", "generation"));
    return status;
  }
}
