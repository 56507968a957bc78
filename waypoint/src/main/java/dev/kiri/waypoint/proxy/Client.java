package dev.kiri.waypoint.proxy;

import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.config.WaypointConfig;
import dev.kiri.waypoint.policy.ClientIdentity;
import dev.kiri.waypoint.route.RouteClient;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a tunnel.
///
/// @param identity proven by its certificate
/// @param workload found by its address, for telemetry only
/// @param address of the pod
public record Client(
    @Nullable ClientIdentity identity, @Nullable Workload workload, InetSocketAddress address) {
  /// The namespace whose consumer routes apply; null for a client without an identity of this mesh.
  @Nullable String provenNamespace(WaypointConfig settings) {
    ClientIdentity proven = identity;
    return proven != null && settings.trustDomains().contains(proven.trustDomain())
        ? proven.namespace()
        : null;
  }

  /// What routes may tell this client by: its namespace and, if the pod at its address has the
  /// proven identity, that pod.
  RouteClient forRoutes(WaypointConfig settings) {
    String namespace = provenNamespace(settings);
    Workload pod = workload;
    ClientIdentity proven = identity;
    if (namespace == null || pod == null || proven == null) {
      return new RouteClient(namespace, "");
    }
    return new RouteClient(namespace, pod.identity().equals(proven.id()) ? pod.uid() : "");
  }
}
