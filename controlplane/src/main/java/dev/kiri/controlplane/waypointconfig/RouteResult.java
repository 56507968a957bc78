package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.RouteObject.ParentRef;
import dev.kiri.controlplane.xds.EncodedResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What became of a route.
///
/// @param byWaypoint the resource for each waypoint (`namespace/name`) in front of one of its
///     parents
/// @param parents the parents that are ours to judge, in the order of the route
public record RouteResult(Map<String, EncodedResource> byWaypoint, List<Parent> parents) {
  /// One parent's verdicts; `partiallyInvalid` is null where all rules are in force.
  public record Parent(
      ParentRef reference,
      Verdict accepted,
      Verdict resolvedRefs,
      Verdict resolvedWaypoints,
      @Nullable Verdict partiallyInvalid) {}
}
