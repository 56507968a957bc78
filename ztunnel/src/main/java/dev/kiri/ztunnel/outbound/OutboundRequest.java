package dev.kiri.ztunnel.outbound;

import dev.kiri.mesh.workload.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// The facts of a captured connection: who opened it, from which address, and where it was going.
/// Addresses are canonical, an IPv4 address is never written as IPv6.
public record OutboundRequest(Workload source, InetAddress client, InetSocketAddress target) {
  public OutboundRequest {
    if (target.isUnresolved()) {
      throw new IllegalArgumentException("target: " + target + " (expected: a literal address)");
    }
  }
}
