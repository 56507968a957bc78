/// The control plane: objects in, truth out.
///
/// The way of a change: `source` (objects and their changes) → `kinds` (typed and checked) →
/// `index` and `waypointconfig` (derived resources, on a `graph` that touches only what depends on
/// the change) → `xds` (streams). Beside it `ca` signs certificates for callers that `caller` has
/// verified, and `provision` and `status` write back. [ControlPlane] builds it all;
/// [ControlPlaneMain] is the program.
@NullMarked
package dev.kiri.controlplane;

import org.jspecify.annotations.NullMarked;
