/// What a mesh is made of: workloads, services, endpoints and the gateways between them, as
/// immutable records.
///
/// Everything here is a value: validated when made, safe to share between threads, without I/O.
/// The names and defaults are those of the `istio.workload` wire schema after decoding.
@NullMarked
package dev.kiri.mesh.workload;

import org.jspecify.annotations.NullMarked;
