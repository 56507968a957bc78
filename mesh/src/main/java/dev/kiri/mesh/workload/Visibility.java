package dev.kiri.mesh.workload;

/// Who may resolve a service.
public enum Visibility {
  PUBLIC,
  /// Only clients of the service's own namespace.
  NAMESPACE
}
