/// What a proxy knows of the mesh, as immutable snapshots.
///
/// [dev.kiri.mesh.store.MeshStore] holds the current [dev.kiri.mesh.store.MeshSnapshot]; a
/// decision takes one snapshot and uses only that. Updates arrive in batches, one writer at a
/// time; each batch makes one new snapshot that shares what did not change. Mirrors istio/ztunnel
/// `src/state.rs`; endpoints are derived from workloads, so that the order in which things arrive
/// does not matter.
@NullMarked
package dev.kiri.mesh.store;

import org.jspecify.annotations.NullMarked;
