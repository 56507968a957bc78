package dev.kiri.local.workload;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes Pod objects from the template of a workload. Pure.
final class PodTemplate {
  /// Which workload a pod belongs to; Kubernetes would say it through a ReplicaSet.
  static final String OWNER = "local.kiri.dev/workload";

  /// Which pods stand outside the mesh and its nodes.
  static final String OUTSIDE = "local.kiri.dev/outside";

  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789"; // Kubernetes' safe letters

  private PodTemplate() {}

  /// A short text that changes with the template.
  static String hash(KubeObject workload) {
    return letters(workload.map("spec", "template").toString(), 10);
  }

  static String letters(String seed, int count) {
    long h = 0xcbf29ce484222325L; // FNV-1a, spread by a final mix
    for (int i = 0; i < seed.length(); i++) {
      h = (h ^ seed.charAt(i)) * 0x100000001b3L;
    }
    var out = new StringBuilder();
    for (int i = 0; i < count; i++) {
      h = (h ^ (h >>> 29)) * 0xbf58476d1ce4e5b9L + i;
      out.append(ALPHABET.charAt(Math.floorMod(h >>> 7, ALPHABET.length())));
    }
    return out.toString();
  }

  /// A pod of a workload.
  static KubeObject pod(
      KubeObject workload,
      String name,
      String generateName,
      String ownerKind,
      String ownerName,
      Map<String, String> extraLabels) {
    var template = KubeObject.of(workload.map("spec", "template"));
    var labels = new LinkedHashMap<String, Object>(template.map("metadata", "labels"));
    labels.putAll(extraLabels);
    var annotations = new LinkedHashMap<String, Object>(template.map("metadata", "annotations"));
    annotations.put(OWNER, ownerText(workload.key()));
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("name", name);
    if (!generateName.isEmpty()) {
      metadata.put("generateName", generateName);
    }
    metadata.put("namespace", workload.namespace());
    metadata.put("labels", labels);
    metadata.put("annotations", annotations);
    var api = ownerKind.equals("Job") ? "batch/v1" : "apps/v1";
    metadata.put(
        "ownerReferences",
        List.of(
            Map.of(
                "apiVersion",
                api,
                "kind",
                ownerKind,
                "name",
                ownerName,
                "uid",
                ownerKind.equals("ReplicaSet") ? workload.uid() + "-rs" : workload.uid(),
                "controller",
                true,
                "blockOwnerDeletion",
                true)));
    var pod = new LinkedHashMap<String, Object>();
    pod.put("apiVersion", "v1");
    pod.put("kind", "Pod");
    pod.put("metadata", metadata);
    pod.put("spec", template.map("spec"));
    return withDefaults(KubeObject.of(pod));
  }

  /// What an API server fills in.
  static KubeObject withDefaults(KubeObject pod) {
    var account = pod.text("spec", "serviceAccountName");
    return account.isEmpty()
        ? pod.with(pod.textOr("default", "spec", "serviceAccount"), "spec", "serviceAccountName")
        : pod;
  }

  static String ownerText(ObjectKey workload) {
    return workload.kind() + "/" + workload.namespace() + "/" + workload.name();
  }

  static String ownerOf(KubeObject pod) {
    return pod.annotations().getOrDefault(OWNER, "");
  }

  static boolean isOutside(KubeObject pod) {
    return pod.annotations().getOrDefault(OUTSIDE, "").equals("true");
  }
}
