package dev.kiri.controlplane.index;

import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.PodObject;
import java.util.Map;
import java.util.regex.Pattern;

/// The names of a pod's workload (controlplane.md 3.1, 3.2).
final class WorkloadNames {
  private static final Pattern CRON_SUFFIX = Pattern.compile("-[0-9]{8,10}$");

  private WorkloadNames() {}

  static String workload(PodObject pod) {
    Meta meta = pod.meta();
    Map<String, String> labels = meta.labels();
    String label = labels.get(WellKnown.WORKLOAD_NAME);
    if (label != null) {
      return label;
    }
    Meta.Owner owner = meta.controller();
    if (owner == null || meta.generateName().isEmpty()) {
      return meta.name();
    }
    return switch (owner.kind()) {
      case "ReplicaSet" -> {
        String hash =
            labels.getOrDefault(
                "pod-template-hash", labels.getOrDefault("rollouts-pod-template-hash", ""));
        String suffix = "-" + hash;
        yield !hash.isEmpty() && owner.name().endsWith(suffix)
            ? owner.name().substring(0, owner.name().length() - suffix.length())
            : owner.name();
      }
      case "ReplicationController" -> labels.getOrDefault("deploymentconfig", owner.name());
      case "Job" -> CRON_SUFFIX.matcher(owner.name()).replaceFirst("");
      default -> owner.name();
    };
  }

  static String canonicalName(Map<String, String> labels, String workload) {
    return first(labels, workload, WellKnown.CANONICAL_NAME, "app.kubernetes.io/name", "app");
  }

  static String canonicalRevision(Map<String, String> labels) {
    return first(
        labels, "latest", WellKnown.CANONICAL_REVISION, "app.kubernetes.io/version", "version");
  }

  private static String first(Map<String, String> labels, String otherwise, String... keys) {
    for (String key : keys) {
      String value = labels.get(key);
      if (value != null) {
        return value;
      }
    }
    return otherwise;
  }
}
