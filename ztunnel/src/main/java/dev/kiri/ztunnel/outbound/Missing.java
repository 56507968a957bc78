package dev.kiri.ztunnel.outbound;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.NetworkAddress;
import org.jspecify.annotations.Nullable;

/// What a decision lacked, where addresses are only learned on demand. Pure.
public final class Missing {
  private Missing() {}

  /// The name to ask the control plane for; null if nothing was missing. The decision should then
  /// be made again.
  public static @Nullable String of(
      MeshSnapshot mesh, OutboundRequest request, OutboundDecision decision) {
    var target = request.target().getAddress();
    var network = request.source().network();
    if (mesh.workloadByAddress(network, target) == null
        && mesh.serviceByAddress(network, target, null) == null) {
      return new NetworkAddress(network, target).toString();
    }
    return decision instanceof OutboundDecision.Refused(var why)
        ? switch (why) {
          case OutboundRefusal.UnknownWaypoint(var waypoint) -> withoutPort(waypoint);
          case OutboundRefusal.UnknownGateway(var gateway) -> withoutPort(gateway);
          case OutboundRefusal.CallToOurselves _,
              OutboundRefusal.UnknownSource _,
              OutboundRefusal.NoHealthyUpstream _,
              OutboundRefusal.NoService _,
              OutboundRefusal.NoDestination _,
              OutboundRefusal.NoAddresses _ ->
              null;
        }
        : null;
  }

  /// `network/address:port` or `namespace/host:port`, as gateways are written.
  private static String withoutPort(String gateway) {
    return gateway.substring(0, Math.max(0, gateway.lastIndexOf(':')));
  }
}
