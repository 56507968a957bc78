package dev.kiri.ztunnel.inbound;

import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.workload.Workload;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The facts of a connection that arrived for `local`, the workload whose pod the listener is in.
/// Addresses are canonical.
public sealed interface InboundRequest {
  Workload local();

  /// The other end of the TCP connection that arrived.
  InetSocketAddress source();

  /// A CONNECT request on a tunnel that reached the pod at `at`.
  record Tunnelled(
      Workload local,
      @Nullable SpiffeId peer,
      InetSocketAddress source,
      InetSocketAddress at,
      ConnectRequest request)
      implements InboundRequest {}

  /// A plain connection that was going to `target`.
  record Plain(Workload local, InetSocketAddress source, InetSocketAddress target)
      implements InboundRequest {}
}
