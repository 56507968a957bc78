package dev.kiri.mesh.workload;

/// Whose network namespace a workload uses.
public enum NetworkMode {
  STANDARD,
  /// The node's own: its address does not identify it, so it is never found by address.
  HOST_NETWORK
}
