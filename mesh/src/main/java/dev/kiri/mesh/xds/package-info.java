/// How a proxy learns the mesh: the client side of delta discovery over one aggregated stream.
///
/// [dev.kiri.mesh.xds.XdsClient] keeps the stream; a [dev.kiri.mesh.xds.TypeSubscription] says
/// what to ask for, how to read it and what to do with it. One virtual thread reads, decodes and
/// applies; handlers run on it, in order. Mirrors istio/ztunnel `src/xds/client.rs` with the
/// hazards of its reconnection mended: there is always a pause, it has jitter, and it starts small
/// again after a stable stream.
@NullMarked
package dev.kiri.mesh.xds;

import org.jspecify.annotations.NullMarked;
