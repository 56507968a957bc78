package dev.kiri.ztunnel.outbound;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.balance.EndpointKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is to be done with a connection that a pod opened. Immutable.
public sealed interface OutboundDecision {

  /// The port of a workload the connection is sent to; null where it is sent to nobody known, or
  /// nowhere yet.
  default @Nullable EndpointKey endpoint() {
    return switch (this) {
      case Tunnel tunnel -> new EndpointKey(tunnel.destination().uid(), tunnel.port());
      case Plaintext(var nextHop, var workload, _) ->
          workload == null ? null : new EndpointKey(workload.uid(), nextHop.getPort());
      case TunnelInTunnel _, NeedsAddress _, Refused _ -> null;
    };
  }

  /// Carry it in a tunnel to `nextHop`, which may present one of the `expected` identities, and ask
  /// there for `authority`. `port` is the one the destination was chosen for, `service` what the
  /// client meant, for logs and labels.
  record Tunnel(
      InetSocketAddress nextHop,
      Authority authority,
      Workload destination,
      int port,
      @Nullable Service service,
      List<SpiffeId> expected)
      implements OutboundDecision {
    public Tunnel {
      expected = List.copyOf(expected);
    }

    /// Whether the next hop is itself what is asked for, and not a waypoint before it.
    public boolean direct() {
      return authority instanceof Authority.Address(var address)
          && address.getAddress().equals(nextHop.getAddress());
    }
  }

  /// Carry it in a tunnel inside a tunnel: the outer one ends at the gateway of another network,
  /// the inner one at a workload there, which presents one of the `inner` identities.
  record TunnelInTunnel(
      InetSocketAddress nextHop,
      Authority authority,
      Workload destination,
      Service service,
      List<SpiffeId> outer,
      List<SpiffeId> inner)
      implements OutboundDecision {
    public TunnelInTunnel {
      outer = List.copyOf(outer);
      inner = List.copyOf(inner);
    }
  }

  /// Pass it on as it is. Destination and service are absent when they are nothing the mesh knows.
  record Plaintext(
      InetSocketAddress nextHop, @Nullable Workload destination, @Nullable Service service)
      implements OutboundDecision {}

  /// Look up the destination's host name first, then go on with [#at].
  record NeedsAddress(
      String hostname, InetAddress asked, int port, Workload destination, @Nullable Service service)
      implements OutboundDecision {

    /// The decision once an address is known.
    public OutboundDecision at(InetAddress address) {
      return OutboundDecider.reach(destination, service, new InetSocketAddress(address, port));
    }
  }

  /// Close it.
  record Refused(OutboundRefusal why) implements OutboundDecision {}
}
