package dev.kiri.ztunnel.inbound;

import io.netty.util.NetUtil;
import java.net.InetAddress;

/// Why a request is not even put before policy, with upstream's text and status.
public sealed interface InboundRefusal {
  /// The request is for an address that is neither ours nor one we are the waypoint of.
  record IpMismatch(InetAddress ours, InetAddress asked) implements InboundRefusal {}

  /// The pod's own workload did not appear in time.
  record UnknownWorkload(String serviceAccount, String namespace, String name)
      implements InboundRefusal {}

  /// Nothing has this host name.
  record UnknownHost(String hostname) implements InboundRefusal {}

  /// The service of this host name does not say where the port leads.
  record UnknownPort(String hostname, int port) implements InboundRefusal {}

  /// The service of this host name has no address to name in a PROXY header.
  record NoServiceAddress(String hostname) implements InboundRefusal {}

  /// The port is one of the proxy's own.
  record CallToOurselves() implements InboundRefusal {}

  /// The status of the CONNECT answer.
  default int status() {
    return switch (this) {
      case IpMismatch _ -> 400;
      case UnknownWorkload _, UnknownHost _, UnknownPort _, NoServiceAddress _, CallToOurselves() ->
          503;
    };
  }

  /// The text of the log's `error` field.
  default String message() {
    return switch (this) {
      case IpMismatch(var ours, var asked) ->
          "ip mismatch: " + NetUtil.toAddressString(ours) + " != " + NetUtil.toAddressString(asked);
      case UnknownWorkload(var account, var namespace, var name) ->
          "failed to fetch information about local workload: "
              + account
              + "."
              + namespace
              + " ("
              + name
              + ")";
      case UnknownHost(var hostname) -> "no service or workload for hostname: " + hostname;
      case UnknownPort(var hostname, int port) ->
          "requested service " + hostname + ":" + port + " found, but cannot resolve port";
      case NoServiceAddress(var hostname) ->
          "requested service " + hostname + " found, but has no IP addresses";
      case CallToOurselves() -> "attempted recursive call to ourselves";
    };
  }
}
