package dev.kiri.hbone.client;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.util.List;

/// Where a connection is to go: the socket that accepts tunnels (a pod's or waypoint's address,
/// port 15008 in a mesh), the identities of which its certificate must carry one, and the request
/// to make there. An empty list of identities refuses every peer. Immutable.
public record HboneTarget(
    InetSocketAddress tunnel, List<SpiffeId> expected, ConnectRequest request) {

  /// The port on which a mesh accepts tunnels.
  public static final int PORT = 15008;

  public HboneTarget {
    expected = List.copyOf(expected);
  }

  /// A pod's own port, reached through the proxy in front of it, or the pod itself if it speaks
  /// HBONE.
  public static HboneTarget pod(InetSocketAddress application, SpiffeId identity) {
    return new HboneTarget(
        new InetSocketAddress(application.getAddress(), PORT),
        List.of(identity),
        ConnectRequest.to(Authority.of(application)));
  }

  /// The same request at another socket.
  public HboneTarget at(InetSocketAddress other) {
    return new HboneTarget(other, expected, request);
  }
}
