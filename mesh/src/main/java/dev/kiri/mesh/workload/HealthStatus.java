package dev.kiri.mesh.workload;

/// Whether a workload said it can take traffic.
public enum HealthStatus {
  HEALTHY,
  UNHEALTHY
}
