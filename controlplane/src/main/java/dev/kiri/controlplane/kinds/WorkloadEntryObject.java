package dev.kiri.controlplane.kinds;

import java.util.Map;
import java.util.TreeMap;

/// A WorkloadEntry: a workload outside Kubernetes.
public record WorkloadEntryObject(Meta meta, WorkloadEndpoint endpoint) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.WORKLOAD_ENTRY;
  }

  /// The labels that selectors see: those of the spec, overlaid by those of the metadata.
  public Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>(endpoint.labels());
    labels.putAll(meta.labels());
    return labels;
  }

  static WorkloadEntryObject read(Meta meta, Fields top) {
    return new WorkloadEntryObject(meta, WorkloadEndpoint.read(top.child("spec")));
  }
}
