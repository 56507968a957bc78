package dev.kiri.ztunnel.balance;

/// Endpoints that are left out for a while because connecting to them failed just now. Asked for
/// each choice; must be cheap.
@FunctionalInterface
public interface Ejections {
  /// Nothing is left out.
  Ejections NONE = workloadUid -> false;

  /// Whether this workload is left out now.
  boolean ejected(String workloadUid);
}
