package dev.kiri.local.workload;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.Map;

/// One thing to do to bring the mesh nearer to what its manifests say.
public sealed interface Step {
  record Create(KubeObject pod) implements Step {}

  record Delete(ObjectKey pod) implements Step {}

  /// Gives a pod the node it is to run on.
  record Bind(ObjectKey pod, String node) implements Step {}

  /// Writes the status of a workload.
  record Status(ObjectKey workload, Map<String, Object> status) implements Step {}
}
