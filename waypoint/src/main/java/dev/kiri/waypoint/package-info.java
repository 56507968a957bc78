/// The L7 proxy of an ambient mesh.
///
/// [WaypointMain] reads settings and runs a [Waypoint], whose constructor is the architecture:
/// certificates and configuration come in (`config`, the mesh module), tunnels are accepted
/// (`proxy`), operators look in (`admin`, `telemetry`).
@NullMarked
package dev.kiri.waypoint;

import org.jspecify.annotations.NullMarked;
