package dev.kiri.mesh.policy;

/// Which workloads a policy is for.
public enum PolicyScope {
  /// All of the mesh.
  GLOBAL,
  /// All of the policy's namespace.
  NAMESPACE,
  /// Those that list the policy by name.
  WORKLOAD_SELECTOR
}
