package dev.kiri.hbone.pool;

import dev.kiri.hbone.identity.SpiffeId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything about a stream that the peer's policy can see: only streams with equal keys share a
/// tunnel. Immutable.
///
/// `expected` are the identities of which the peer must present one, in the caller's order; an
/// empty list refuses every peer. `sourceIp` is the address that the peer will see.
public record TunnelKey(
    SpiffeId source,
    List<SpiffeId> expected,
    InetSocketAddress destination,
    @Nullable InetAddress sourceIp) {
  public TunnelKey {
    expected = List.copyOf(expected);
  }
}
