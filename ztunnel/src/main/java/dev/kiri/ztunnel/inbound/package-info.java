/// What happens to a connection that arrives for a pod: in a tunnel on 15008, or as plain text on
/// 15006.
///
/// [InboundDecider] turns a snapshot of the mesh and the facts of a request into a sealed
/// [InboundDecision], policy included, without a socket. The order of its checks is upstream's
/// (istio/ztunnel `src/proxy/inbound.rs`, `inbound_passthrough.rs`).
@NullMarked
package dev.kiri.ztunnel.inbound;

import org.jspecify.annotations.NullMarked;
