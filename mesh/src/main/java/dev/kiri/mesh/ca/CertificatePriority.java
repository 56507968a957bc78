package dev.kiri.mesh.ca;

/// How urgently a certificate is wanted; later constants go first.
public enum CertificatePriority {
  /// A renewal.
  BACKGROUND,
  /// A workload has arrived that will need it.
  WARMUP,
  /// A connection waits for it.
  REAL_TIME
}
