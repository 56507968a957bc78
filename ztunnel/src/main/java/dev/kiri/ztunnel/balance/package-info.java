/// Which endpoint, which waypoint and which address a connection gets.
///
/// [EndpointChoice], [WaypointChoice] and [AddressChoice] are pure functions of a snapshot and a
/// source of chance, with upstream's rules (istio/ztunnel `src/state.rs`), except that health is
/// looked at here instead of when endpoints arrive. [EndpointChooser] adds the [Trail] that
/// explains a choice and the [Ejections] of endpoints that failed just now.
@NullMarked
package dev.kiri.ztunnel.balance;

import org.jspecify.annotations.NullMarked;
