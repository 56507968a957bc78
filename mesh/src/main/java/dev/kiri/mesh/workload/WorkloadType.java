package dev.kiri.mesh.workload;

import java.util.Locale;

/// The kind of object that owns a workload; telemetry only.
public enum WorkloadType {
  DEPLOYMENT,
  CRONJOB,
  POD,
  JOB;

  /// The spelling used in telemetry and dumps.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
