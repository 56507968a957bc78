/// What happens to a connection that a pod opens.
///
/// [OutboundDecider] turns a snapshot of the mesh and the facts of the connection into a sealed
/// [OutboundDecision], without a socket; [OutboundConnection] carries it out on the event loop that
/// accepted the connection. The decision tree is upstream's (istio/ztunnel
/// `src/proxy/outbound.rs`).
@NullMarked
package dev.kiri.ztunnel.outbound;

import org.jspecify.annotations.NullMarked;
