package dev.kiri.ztunnel.telemetry;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.workload.Service;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What is known of a connection when it opens. Immutable.
///
/// `destinationAddress` is the next hop, `hboneTarget` what is asked for there (tunnels only).
/// Identities are those of mutual TLS and absent without it; `destinationPrincipal` is the identity
/// the mesh knows for the destination, also on plain text.
public record ConnectionFacts(
    Direction direction,
    InetSocketAddress sourceAddress,
    @Nullable PeerLabels source,
    @Nullable SpiffeId sourceIdentity,
    InetSocketAddress destinationAddress,
    @Nullable String hboneTarget,
    @Nullable Service service,
    @Nullable PeerLabels destination,
    @Nullable SpiffeId destinationIdentity,
    @Nullable SpiffeId destinationPrincipal) {

  /// Whether the connection is carried in a tunnel.
  public boolean mutualTls() {
    return hboneTarget != null;
  }
}
