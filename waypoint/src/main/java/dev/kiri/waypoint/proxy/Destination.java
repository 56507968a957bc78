package dev.kiri.waypoint.proxy;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.config.PortProtocol;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What a stream is for: a service of ours or a pod of ours.
///
/// @param service null for a pod
/// @param serviceName the short name, empty for a pod
/// @param workload null for a service
/// @param address what the client dialled
public record Destination(
    @Nullable ServiceKey service,
    String serviceName,
    @Nullable Workload workload,
    int port,
    InetSocketAddress address,
    PortProtocol protocol) {

  static Destination of(ConnectDecision.ToService to) {
    return new Destination(
        to.service().key(), to.service().name(), null, to.port(), to.address(), to.protocol());
  }

  static Destination of(ConnectDecision.ToWorkload to) {
    return new Destination(null, "", to.workload(), to.port(), to.address(), PortProtocol.SNIFF);
  }

  /// As upstream names its clusters.
  public String cluster(boolean http) {
    return service == null
        ? "encap"
        : "inbound-vip|" + port + (http ? "|http|" : "|tcp|") + service.hostname();
  }
}
