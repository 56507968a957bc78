package dev.kiri.mesh.workload;

/// Where a workload runs; empty parts are unknown, and equal to each other when ranked.
public record Locality(String region, String zone, String subzone) {
  public static final Locality UNKNOWN = new Locality("", "", "");

  public boolean isUnknown() {
    return equals(UNKNOWN);
  }
}
