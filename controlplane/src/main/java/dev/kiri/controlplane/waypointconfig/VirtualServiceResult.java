package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.xds.EncodedResource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What became of a VirtualService or a DestinationRule.
///
/// @param byWaypoint the resource for each waypoint (`namespace/name`) in front of one of its hosts
/// @param accepted whether any waypoint has it, and why not
/// @param partiallyInvalid what of it cannot be honoured; null where all can
public record VirtualServiceResult(
    Map<String, EncodedResource> byWaypoint,
    Verdict accepted,
    @Nullable Verdict partiallyInvalid) {}
