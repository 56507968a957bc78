package dev.kiri.controlplane.index;

import java.util.List;

/// What holds for the whole mesh.
///
/// @param rootNamespace where mesh-wide policies live; also the control plane's own namespace
/// @param clusterDomain the DNS domain of services
/// @param clusterId the name of this cluster of machines
/// @param dryRunPolicies whether dry-run policies are sent to ztunnels
/// @param waypointImage the image of provisioned waypoints
public record MeshSettings(
    String trustDomain,
    List<String> trustDomainAliases,
    String rootNamespace,
    String clusterDomain,
    String clusterId,
    boolean dryRunPolicies,
    String waypointImage) {
  public MeshSettings {
    trustDomainAliases = List.copyOf(trustDomainAliases);
  }

  /// The image of a waypoint where nothing else is said.
  public static final String WAYPOINT_IMAGE = "kiri.dev/waypoint";

  /// Upstream's defaults.
  public static MeshSettings standard() {
    return new MeshSettings(
        "cluster.local",
        List.of(),
        "istio-system",
        "cluster.local",
        "Kubernetes",
        true,
        WAYPOINT_IMAGE);
  }

  /// The host name of a Kubernetes service.
  public String hostname(String namespace, String service) {
    return service + "." + namespace + ".svc." + clusterDomain;
  }
}
