package dev.kiri.controlplane.index;

import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.MeshConfig;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What holds for the whole mesh.
///
/// @param rootNamespace where mesh-wide policies live; also the control plane's own namespace
/// @param clusterDomain the DNS domain of services
/// @param clusterId the name of this cluster of machines
/// @param dryRunPolicies whether dry-run policies are sent to ztunnels
/// @param waypointImage the image of provisioned waypoints
/// @param givenRanges blocks that ServiceEntries' hosts are given an address of, one a family;
/// empty
///     to give none
public record MeshSettings(
    String trustDomain,
    List<String> trustDomainAliases,
    String rootNamespace,
    String clusterDomain,
    String clusterId,
    boolean dryRunPolicies,
    String waypointImage,
    List<IpBlock> givenRanges) {
  public MeshSettings {
    givenRanges = List.copyOf(givenRanges);
    trustDomainAliases = List.copyOf(trustDomainAliases);
  }

  /// The image of a waypoint where nothing else is said.
  public static final String WAYPOINT_IMAGE = "kiri.dev/waypoint";

  /// The blocks of given addresses where nothing else is said: one that is reserved, and one for
  /// benchmarks (controlplane.md 11).
  public static final List<IpBlock> GIVEN_RANGES =
      Stream.of("240.240.0.0/16", "2001:2::/48")
          .flatMap(block -> IpBlock.parse(block).stream())
          .toList();

  /// Upstream's defaults.
  public static MeshSettings standard() {
    return new MeshSettings(
        "cluster.local",
        List.of(),
        "istio-system",
        "cluster.local",
        "Kubernetes",
        true,
        WAYPOINT_IMAGE,
        GIVEN_RANGES);
  }

  /// The same with the trust domain and its aliases of a mesh's configuration, where the process
  /// was not told others.
  public MeshSettings under(MeshConfig mesh) {
    boolean told = !trustDomain.equals(standard().trustDomain());
    return new MeshSettings(
        told || mesh.trustDomain().isEmpty() ? trustDomain : mesh.trustDomain(),
        trustDomainAliases.isEmpty() ? mesh.trustDomainAliases() : trustDomainAliases,
        rootNamespace,
        clusterDomain,
        clusterId,
        dryRunPolicies,
        waypointImage,
        givenRanges);
  }

  /// `namespace/name` of the Kubernetes service whose host name this would be, where it has the
  /// form of one.
  public Optional<String> servicePath(String hostname) {
    String suffix = ".svc." + clusterDomain;
    if (!hostname.endsWith(suffix)) {
      return Optional.empty();
    }
    String[] parts = hostname.substring(0, hostname.length() - suffix.length()).split("\\.", -1);
    return parts.length == 2 ? Optional.of(parts[1] + "/" + parts[0]) : Optional.empty();
  }

  /// The host name of a Kubernetes service.
  public String hostname(String namespace, String service) {
    return service + "." + namespace + ".svc." + clusterDomain;
  }
}
