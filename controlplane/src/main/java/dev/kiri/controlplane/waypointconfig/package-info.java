/// From objects to the configuration of waypoints, `kiri.waypoint.v1`: one resource per user object
/// and waypoint, so that a refusal names the object.
///
/// [WaypointConfig] adds the derivations to the index's graph; [ScopedTables] keeps apart what each
/// waypoint may see. What an object's status has to say about routes and policies is found on the
/// way and kept in the same rows ([RouteResult], [PolicyResult]).
@NullMarked
package dev.kiri.controlplane.waypointconfig;

import org.jspecify.annotations.NullMarked;
