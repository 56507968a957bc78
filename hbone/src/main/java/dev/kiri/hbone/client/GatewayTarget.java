package dev.kiri.hbone.client;

import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.util.List;

/// Where a connection to another network is to go: through the gateway at `gateway`, which must
/// present one of `gatewayIdentities`, to whoever the gateway chooses for the request's host and
/// port, who must present one of `expected`. An empty list of identities refuses every peer.
/// Immutable.
///
/// `x-forwarded-network` of the request goes to the destination only.
public record GatewayTarget(
    InetSocketAddress gateway,
    List<SpiffeId> gatewayIdentities,
    List<SpiffeId> expected,
    ConnectRequest request) {
  public GatewayTarget {
    gatewayIdentities = List.copyOf(gatewayIdentities);
    expected = List.copyOf(expected);
  }
}
