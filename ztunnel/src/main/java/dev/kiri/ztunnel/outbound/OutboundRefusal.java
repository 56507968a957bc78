package dev.kiri.ztunnel.outbound;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/// Why a connection goes nowhere, with upstream's text (istio/ztunnel `src/proxy.rs`).
public sealed interface OutboundRefusal {
  /// The client dialled the proxy's own port on loopback.
  record CallToOurselves() implements OutboundRefusal {}

  /// The pod's own workload did not appear in time.
  record UnknownSource(String serviceAccount, String namespace, String name)
      implements OutboundRefusal {}

  /// A waypoint is configured but cannot be resolved: never bypassed.
  record UnknownWaypoint(String waypoint) implements OutboundRefusal {}

  /// A gateway to another network is configured but cannot be resolved.
  record UnknownGateway(String gateway) implements OutboundRefusal {}

  /// The service has no endpoint for this client and port.
  record NoHealthyUpstream(InetSocketAddress target) implements OutboundRefusal {}

  /// The workload is on another network, and no service was addressed.
  record NoService(InetSocketAddress target) implements OutboundRefusal {}

  /// The workload has no address that can be dialled.
  record NoDestination(String workloadUid) implements OutboundRefusal {}

  /// The workload's host name has no address.
  record NoAddresses(String workloadUid) implements OutboundRefusal {}

  /// The text of the log's `error` field.
  default String message() {
    return switch (this) {
      case CallToOurselves() -> "attempted recursive call to ourselves";
      case UnknownSource(var account, var namespace, var name) ->
          "failed to fetch information about local workload: "
              + account
              + "."
              + namespace
              + " ("
              + name
              + ")";
      case UnknownWaypoint(var waypoint) -> "unknown waypoint: waypoint " + waypoint + " not found";
      case UnknownGateway(var gateway) ->
          "unknown network gateway: network gateway " + gateway + " not found";
      case NoHealthyUpstream(var target) ->
          "no healthy upstream: " + NetUtil.toSocketAddressString(target);
      case NoService(var target) ->
          "no service for target address: " + NetUtil.toSocketAddressString(target);
      case NoDestination(var uid) -> "no valid routing destination for workload: " + uid;
      case NoAddresses(var uid) -> "no ip addresses were resolved for workload: " + uid;
    };
  }
}
