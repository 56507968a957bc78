package dev.kiri.local.store;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One kind of object: how it is spelled, where it lives, and what the mesh does with it.
public record Kind(
    String name,
    String group,
    String plural,
    List<String> shortNames,
    boolean namespaced,
    Treatment treatment) {

  /// What becomes of an object of a kind.
  public enum Treatment {
    /// Kept, and acted on by some part of the mesh.
    KNOWN,
    /// Kept and shown; nothing acts on it here. The reader warns.
    IGNORED,
    /// Cannot be honoured; refused by name, because ignoring it would change what the mesh does.
    REFUSED
  }

  private static final Map<String, Kind> BY_ALIAS = new HashMap<>();
  private static final Map<String, Kind> BY_NAME = new HashMap<>();

  static {
    known("Namespace", "", "namespaces", false, "ns");
    known("Node", "", "nodes", false, "no");
    known("Pod", "", "pods", true, "po");
    known("Service", "", "services", true, "svc");
    known("ServiceAccount", "", "serviceaccounts", true, "sa");
    known("ConfigMap", "", "configmaps", true, "cm");
    known("Secret", "", "secrets", true);
    known("Endpoints", "", "endpoints", true, "ep");
    known("EndpointSlice", "discovery.k8s.io", "endpointslices", true);
    known("Deployment", "apps", "deployments", true, "deploy");
    known("StatefulSet", "apps", "statefulsets", true, "sts");
    known("DaemonSet", "apps", "daemonsets", true, "ds");
    known("Job", "batch", "jobs", true);
    known("GatewayClass", "gateway.networking.k8s.io", "gatewayclasses", false, "gc");
    known("Gateway", "gateway.networking.k8s.io", "gateways", true, "gtw");
    known("HTTPRoute", "gateway.networking.k8s.io", "httproutes", true);
    known("GRPCRoute", "gateway.networking.k8s.io", "grpcroutes", true);
    known("TCPRoute", "gateway.networking.k8s.io", "tcproutes", true);
    known("TLSRoute", "gateway.networking.k8s.io", "tlsroutes", true);
    known("UDPRoute", "gateway.networking.k8s.io", "udproutes", true);
    known("ReferenceGrant", "gateway.networking.k8s.io", "referencegrants", true, "refgrant");
    known("BackendTLSPolicy", "gateway.networking.k8s.io", "backendtlspolicies", true);
    known("AuthorizationPolicy", "security.istio.io", "authorizationpolicies", true, "ap");
    known("PeerAuthentication", "security.istio.io", "peerauthentications", true, "pa");
    known("RequestAuthentication", "security.istio.io", "requestauthentications", true, "ra");
    known("ServiceEntry", "networking.istio.io", "serviceentries", true, "se");
    known("WorkloadEntry", "networking.istio.io", "workloadentries", true, "we");
    known("WorkloadGroup", "networking.istio.io", "workloadgroups", true, "wg");
    known("DestinationRule", "networking.istio.io", "destinationrules", true, "dr");
    known("VirtualService", "networking.istio.io", "virtualservices", true, "vs");
    known("Telemetry", "telemetry.istio.io", "telemetries", true);
    known("WasmPlugin", "extensions.istio.io", "wasmplugins", true);
    known("Lease", "coordination.k8s.io", "leases", true);
    ignored("HorizontalPodAutoscaler", "autoscaling", "horizontalpodautoscalers", "hpa");
    ignored("PodDisruptionBudget", "policy", "poddisruptionbudgets", "pdb");
    add(
        new Kind(
            "EnvoyFilter",
            "networking.istio.io",
            "envoyfilters",
            List.of(),
            true,
            Treatment.REFUSED));
    add(new Kind("Sidecar", "networking.istio.io", "sidecars", List.of(), true, Treatment.REFUSED));
    add(
        new Kind(
            "ProxyConfig",
            "networking.istio.io",
            "proxyconfigs",
            List.of(),
            true,
            Treatment.REFUSED));
    for (var clusterWide :
        List.of(
            "ClusterRole",
            "ClusterRoleBinding",
            "CustomResourceDefinition",
            "PersistentVolume",
            "StorageClass",
            "PriorityClass",
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration")) {
      add(
          new Kind(
              clusterWide,
              "",
              clusterWide.toLowerCase(Locale.ROOT) + "s",
              List.of(),
              false,
              Treatment.IGNORED));
    }
  }

  private static void known(
      String name, String group, String plural, boolean namespaced, String... shortNames) {
    add(new Kind(name, group, plural, List.of(shortNames), namespaced, Treatment.KNOWN));
  }

  private static void ignored(String name, String group, String plural, String shortName) {
    add(new Kind(name, group, plural, List.of(shortName), true, Treatment.IGNORED));
  }

  private static void add(Kind kind) {
    BY_NAME.put(kind.name, kind);
    BY_ALIAS.put(kind.name.toLowerCase(Locale.ROOT), kind);
    BY_ALIAS.put(kind.plural, kind);
    kind.shortNames.forEach(s -> BY_ALIAS.put(s, kind));
  }

  /// The kind of this exact name; a name nobody knows is a namespaced kind that is ignored.
  public static Kind named(String name) {
    var kind = BY_NAME.get(name);
    return kind != null
        ? kind
        : new Kind(
            name, "", name.toLowerCase(Locale.ROOT) + "s", List.of(), true, Treatment.IGNORED);
  }

  /// True for a kind of the table.
  public static boolean isListed(String name) {
    return BY_NAME.containsKey(name);
  }

  /// What a user types: kind, plural or short name in any case, with or without the API group.
  public static Optional<Kind> typed(String text) {
    var word = text.toLowerCase(Locale.ROOT);
    int dot = word.indexOf('.');
    return Optional.ofNullable(BY_ALIAS.get(dot < 0 ? word : word.substring(0, dot)));
  }

  /// All kinds of the table that the mesh keeps, by name.
  public static List<Kind> all() {
    return BY_NAME.values().stream().sorted(java.util.Comparator.comparing(Kind::name)).toList();
  }
}
