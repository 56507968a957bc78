package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.TargetRef;
import dev.kiri.controlplane.xds.EncodedResource;
import java.util.List;
import java.util.Map;

/// What became of a policy's targets.
///
/// @param byWaypoint the resource for each waypoint (`namespace/name`) that enforces the policy
public record PolicyResult(Map<String, EncodedResource> byWaypoint, List<Target> targets) {
  /// One target's verdict.
  public record Target(TargetRef reference, Verdict accepted) {}
}
