package dev.kiri.mesh.store;

import dev.kiri.mesh.workload.ServiceKey;
import java.util.Set;

/// What one batch changed.
///
/// @param workloads uids of workloads put or removed
/// @param services services put or removed, or whose endpoints changed
/// @param policies names of policies put or removed
public record Change(
    MeshSnapshot before,
    MeshSnapshot after,
    Set<String> workloads,
    Set<ServiceKey> services,
    Set<String> policies) {

  public boolean isEmpty() {
    return workloads.isEmpty() && services.isEmpty() && policies.isEmpty();
  }
}
