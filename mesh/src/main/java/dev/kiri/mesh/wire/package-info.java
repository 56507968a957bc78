/// From the wire to records: what a message of `istio.workload` or `istio.security` means.
///
/// Pure functions; what cannot be accepted is an [dev.kiri.mesh.wire.InvalidResource], whose
/// message goes back to the control plane. Defaults and refusals are those of istio/ztunnel
/// `src/state/workload.rs`, `src/state/service.rs` and `src/rbac.rs`, with two differences: a
/// workload without uid is refused, and conditions of a policy that cannot be read are kept as
/// such instead of being dropped.
@NullMarked
package dev.kiri.mesh.wire;

import org.jspecify.annotations.NullMarked;
