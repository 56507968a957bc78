/// From objects to what proxies are told: workloads, services, waypoints and who is bound to them,
/// layer 4 policies.
///
/// [MeshIndex] is the entry: it takes object changes and keeps derived tables up to date, touching
/// only what depends on a change (see the `graph` package). The derivations are pure functions with
/// one file each; they follow upstream's (istio/istio pilot/pkg/serviceregistry/ambient). Confined
/// to the index's thread, except for [PodDirectory].
@NullMarked
package dev.kiri.controlplane.index;

import org.jspecify.annotations.NullMarked;
