package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.BackendTlsPolicyObject;
import dev.kiri.controlplane.xds.EncodedResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What became of a BackendTLSPolicy.
///
/// @param byWaypoint the resource for each waypoint, by `namespace/name`
public record BackendTlsResult(Map<String, EncodedResource> byWaypoint, List<Ancestor> ancestors) {
  /// What is said about one target.
  ///
  /// @param resolvedRefs null where the target is not there
  public record Ancestor(
      BackendTlsPolicyObject.Target target, Verdict accepted, @Nullable Verdict resolvedRefs) {}
}
