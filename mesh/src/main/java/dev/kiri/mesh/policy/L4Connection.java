package dev.kiri.mesh.policy;

import dev.kiri.hbone.identity.SpiffeId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What is known of a connection when it is authorised.
///
/// @param peer who is at the other end of the tunnel; absent on plain text
/// @param source the tunnel's peer (the waypoint's, if through one), or the client on plain text
/// @param destination the pod's own address and port, after the tunnel
public record L4Connection(
    @Nullable SpiffeId peer, InetSocketAddress source, InetSocketAddress destination) {}
