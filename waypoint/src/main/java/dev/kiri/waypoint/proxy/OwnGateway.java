package dev.kiri.waypoint.proxy;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.WeightedWaypoint;
import dev.kiri.mesh.workload.Workload;
import org.jspecify.annotations.Nullable;

/// Which Gateway this process works for, and so which services and workloads it may serve.
///
/// @param network the proxy's own
public record OwnGateway(String namespace, String name, String network) {

  boolean serves(MeshSnapshot mesh, Service service) {
    if (is(mesh, service.waypoint())) {
      return true;
    }
    for (WeightedWaypoint weighted : service.weightedWaypoints()) {
      if (is(mesh, weighted.destination())) {
        return true;
      }
    }
    return false;
  }

  boolean serves(MeshSnapshot mesh, Workload workload) {
    return is(mesh, workload.waypoint());
  }

  private boolean is(MeshSnapshot mesh, @Nullable GatewayAddress address) {
    return switch (address) {
      case null -> false;
      case GatewayAddress.ByHostname(ServiceKey host, int _) ->
          host.namespace().equals(namespace) && host.hostname().startsWith(name + ".");
      case GatewayAddress.ByAddress(var at, int _) -> {
        Service service = mesh.serviceByAddress(at.network(), at.address(), namespace);
        yield service != null
            && service.namespace().equals(namespace)
            && service.name().equals(name);
      }
    };
  }
}
