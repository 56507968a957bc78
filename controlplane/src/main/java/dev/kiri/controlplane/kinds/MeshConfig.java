package dev.kiri.controlplane.kinds;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the `mesh` key of the ConfigMap `istio` says, as far as it has a meaning here
/// (controlplane.md 1, 4.2, 13, 14; istio/api mesh/v1alpha1/config.proto).
///
/// @param trustDomain empty where nothing is said, as all texts; counts from the start on
/// @param trustDomainAliases count from the start on
/// @param discoverySelectors of namespaces whose objects count; none: all
/// @param entryVisibility null where nothing is said: every ServiceEntry is public
/// @param scopes which services are global, the first that matches counts
/// @param pathNormalization of requests at waypoints
/// @param accessLog null where nothing is said
/// @param accessLogJson whether the log has a JSON object a line
/// @param protocolDetection how long waypoints wait for the first bytes; null for their default
/// @param caCertificates further roots that proxies trust, as PEM
public record MeshConfig(
    String trustDomain,
    List<String> trustDomainAliases,
    String rootNamespace,
    List<LabelSelector> discoverySelectors,
    @Nullable EntryVisibility entryVisibility,
    List<Scope> scopes,
    PathNormalization pathNormalization,
    @Nullable Boolean accessLog,
    boolean accessLogJson,
    @Nullable Duration protocolDetection,
    List<String> caCertificates) {
  /// Name of the ConfigMap in the root namespace.
  public static final String CONFIG_MAP = "istio";

  /// Its key.
  public static final String KEY = "mesh";

  /// Without a ConfigMap.
  public static final MeshConfig NONE =
      new MeshConfig(
          "",
          List.of(),
          "",
          List.of(),
          null,
          List.of(),
          PathNormalization.DEFAULT,
          null,
          false,
          null,
          List.of());

  /// Who may see the hosts of a ServiceEntry.
  public enum Visibility {
    PUBLIC,
    NAMESPACE,
    NONE
  }

  /// What is done to a path before anything compares it.
  public enum PathNormalization {
    DEFAULT,
    NONE,
    BASE,
    MERGE_SLASHES,
    DECODE_AND_MERGE_SLASHES
  }

  /// Policies in order, each of selectors of the entry's namespace that must all match; a policy
  /// without selectors matches all.
  public record EntryVisibility(Visibility standard, List<Policy> policies) {
    /// A visibility for the namespaces that all selectors match.
    public record Policy(Visibility visibility, List<LabelSelector> namespaces) {}

    /// The visibility of entries in a namespace with these labels.
    public Visibility of(Map<String, String> namespace) {
      return policies.stream()
          .filter(policy -> policy.namespaces().stream().allMatch(s -> s.matches(namespace)))
          .map(Policy::visibility)
          .findFirst()
          .orElse(standard);
    }
  }

  /// Services that both selectors match are global, or local.
  public record Scope(LabelSelector namespaces, LabelSelector services, boolean global) {}

  /// Whether a service is known, and may be reached, in all clusters and networks.
  public boolean isGlobal(Map<String, String> namespace, Map<String, String> service) {
    return scopes.stream()
        .filter(s -> s.namespaces().matches(namespace) && s.services().matches(service))
        .map(Scope::global)
        .findFirst()
        .orElseGet(() -> scopes.isEmpty() && "true".equals(service.get("istio.io/global")));
  }

  /// Whether objects of a namespace with these labels count.
  public boolean discovers(Map<String, String> namespace) {
    return discoverySelectors.isEmpty()
        || discoverySelectors.stream().anyMatch(selector -> selector.matches(namespace));
  }
}
