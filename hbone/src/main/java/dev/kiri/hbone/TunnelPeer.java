package dev.kiri.hbone;

import dev.kiri.hbone.identity.SpiffeId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The verified other end of a tunnel, as policy and logs see it. `identity` is the first SPIFFE
/// URI of its certificate. Immutable.
public record TunnelPeer(
    @Nullable SpiffeId identity,
    InetSocketAddress remote,
    InetSocketAddress local,
    String cipherSuite) {}
