package dev.kiri.hbone.identity;

/// The authority that issues identities, e.g. `cluster.local`. Compared exactly, without case
/// folding.
public record TrustDomain(String name) {

  /// What upstream assumes where a workload names none.
  public static final TrustDomain CLUSTER_LOCAL = new TrustDomain("cluster.local");

  @Override
  public String toString() {
    return name;
  }
}
