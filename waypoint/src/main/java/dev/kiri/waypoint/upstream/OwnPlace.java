package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Locality;
import dev.kiri.mesh.workload.Workload;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// What the proxy was told of where it runs; the mesh knows more once it knows the proxy's own pod.
///
/// @param address of the own pod; null when not known
public record OwnPlace(String network, @Nullable InetAddress address, String node, String cluster) {
  Place in(MeshSnapshot mesh) {
    Workload self = address == null ? null : mesh.workloadByAddress(network, address);
    return self == null
        ? new Place(Locality.UNKNOWN, node, cluster, network)
        : new Place(self.locality(), self.node(), self.clusterId(), network);
  }
}
