package dev.kiri.mesh.store;

import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;

/// One change to what is known. What is put replaces what had the same key.
public sealed interface MeshUpdate {

  /// Keyed by uid.
  record PutWorkload(Workload workload) implements MeshUpdate {}

  /// Keyed by namespace and hostname.
  record PutService(Service service) implements MeshUpdate {}

  /// Keyed by the name it was received under.
  record PutPolicy(L4Policy policy) implements MeshUpdate {}

  /// Removes the workload with this uid, else the service `namespace/hostname`. Unknown names are
  /// ignored.
  record RemoveAddress(String name) implements MeshUpdate {}

  /// Removes the policy with this name. Unknown names are ignored.
  record RemovePolicy(String key) implements MeshUpdate {}
}
