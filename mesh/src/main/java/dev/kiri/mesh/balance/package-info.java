/// Which endpoint, which waypoint and which address a connection gets: pure functions from a
/// snapshot and a source of chance.
///
/// Mirrors istio/ztunnel `src/state.rs` (load balancing, ranking, weighted waypoints), except that
/// health is looked at here instead of when endpoints arrive.
@NullMarked
package dev.kiri.mesh.balance;

import org.jspecify.annotations.NullMarked;
