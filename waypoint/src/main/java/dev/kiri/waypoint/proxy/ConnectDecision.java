package dev.kiri.waypoint.proxy;

import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.config.PortProtocol;
import java.net.InetSocketAddress;

/// What a tunnel stream is for, decided from its `:authority`.
public sealed interface ConnectDecision {
  /// Traffic to a service of ours.
  ///
  /// @param address what the client dialled
  record ToService(Service service, int port, InetSocketAddress address, PortProtocol protocol)
      implements ConnectDecision {}

  /// Traffic to a pod of ours.
  record ToWorkload(Workload workload, int port, InetSocketAddress address)
      implements ConnectDecision {}

  /// Nothing of ours.
  ///
  /// @param status of the answer to the CONNECT
  record Refused(int status, String reason) implements ConnectDecision {}
}
