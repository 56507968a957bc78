package dev.kiri.mesh.workload;

/// How a workload is reached from inside the mesh.
public enum TunnelProtocol {
  /// Plain TCP: the workload is not captured.
  TCP,
  HBONE
}
