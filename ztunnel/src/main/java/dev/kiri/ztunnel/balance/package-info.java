/// Which endpoint, which waypoint and which address a connection gets.
///
/// [EndpointChoice], [WaypointChoice] and [AddressChoice] are pure functions of a snapshot and a
/// source of chance, with upstream's rules (istio/ztunnel `src/state.rs`), except that health is
/// looked at here instead of when endpoints arrive, and that what this node's connections tell of
/// an endpoint counts ([EndpointView], kept by [EndpointWatch]). [EndpointChooser] adds the [Trail]
/// that explains a choice.
@NullMarked
package dev.kiri.ztunnel.balance;

import org.jspecify.annotations.NullMarked;
