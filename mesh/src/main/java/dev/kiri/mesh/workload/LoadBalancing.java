package dev.kiri.mesh.workload;

import java.util.List;

/// How the endpoints of a service are chosen.
///
/// @param preferences what an endpoint should share with the client, most important first
/// @param mode what the preferences mean
/// @param health whether endpoints that are not ready take part
public record LoadBalancing(List<Scope> preferences, Mode mode, HealthPolicy health) {
  /// What holds for a service that says nothing.
  public static final LoadBalancing PLAIN =
      new LoadBalancing(List.of(), Mode.STANDARD, HealthPolicy.ONLY_HEALTHY);

  public LoadBalancing {
    preferences = List.copyOf(preferences);
  }

  /// Something a client and an endpoint can have in common.
  public enum Scope {
    REGION,
    ZONE,
    SUBZONE,
    NODE,
    CLUSTER,
    NETWORK
  }

  /// What becomes of the preferences.
  public enum Mode {
    /// They are ignored.
    STANDARD,
    /// Only endpoints that meet all of them.
    STRICT,
    /// The group that meets most of them.
    FAILOVER,
    /// No choice at all: the original destination is used.
    PASSTHROUGH
  }

  /// Which endpoints may be chosen.
  public enum HealthPolicy {
    ONLY_HEALTHY,
    ALLOW_ALL;

    public boolean admits(HealthStatus status) {
      return this == ALLOW_ALL || status == HealthStatus.HEALTHY;
    }
  }
}
