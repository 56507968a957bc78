package dev.kiri.mesh.workload;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something that is called by name or virtual address. Its endpoints are not part of it: see
/// [dev.kiri.mesh.store.MeshSnapshot#endpoints].
///
/// @param vips addresses of its own; none for a headless service
/// @param cidrVips ranges of addresses of its own
/// @param ports service port to target port; target 0 is named, and known to the endpoints only
/// @param subjectAltNames identities accepted besides those of the endpoints, as SPIFFE URIs
/// @param waypoint the waypoint its traffic goes through
/// @param weightedWaypoints several, sharing by weight; [#waypoint] stands if this is empty or
///     sums to 0
/// @param loadBalancing absent means [LoadBalancing#PLAIN]
/// @param canonical preferred where several services claim one host or address
public record Service(
    String name,
    String namespace,
    String hostname,
    List<NetworkAddress> vips,
    List<CidrVip> cidrVips,
    PortMap ports,
    List<String> subjectAltNames,
    @Nullable GatewayAddress waypoint,
    List<WeightedWaypoint> weightedWaypoints,
    @Nullable LoadBalancing loadBalancing,
    IpFamilies ipFamilies,
    boolean canonical,
    Visibility visibility) {

  public Service {
    vips = List.copyOf(vips);
    cidrVips = List.copyOf(cidrVips);
    subjectAltNames = List.copyOf(subjectAltNames);
    weightedWaypoints = List.copyOf(weightedWaypoints);
  }

  public ServiceKey key() {
    return new ServiceKey(namespace, hostname);
  }

  /// The load balancing that applies, said or not.
  public LoadBalancing balancing() {
    return loadBalancing == null ? LoadBalancing.PLAIN : loadBalancing;
  }

  /// Whether a client of this namespace may resolve the service; an unknown client may.
  public boolean visibleTo(@Nullable String clientNamespace) {
    return visibility == Visibility.PUBLIC
        || clientNamespace == null
        || clientNamespace.equals(namespace);
  }
}
