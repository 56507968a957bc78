/// The way to endpoints: which one ([EndpointChooser], pure), and a connection to it
/// ([EndpointConnections]).
///
/// Endpoints come from the mesh snapshot. Captured ones are reached through HBONE with the identity
/// of the chosen workload expected, others in plain TCP. All state belongs to one event loop, so
/// nothing crosses threads.
@NullMarked
package dev.kiri.waypoint.upstream;

import org.jspecify.annotations.NullMarked;
