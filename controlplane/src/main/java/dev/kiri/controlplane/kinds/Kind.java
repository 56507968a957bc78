package dev.kiri.controlplane.kinds;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A kind of object the control plane reads. The API version of a document may be any served
/// version of the group.
public enum Kind {
  NAMESPACE("", "v1", "Namespace", false),
  SERVICE_ACCOUNT("", "v1", "ServiceAccount", true),
  NODE("", "v1", "Node", false),
  POD("", "v1", "Pod", true),
  SERVICE("", "v1", "Service", true),
  CONFIG_MAP("", "v1", "ConfigMap", true),
  DEPLOYMENT("apps", "v1", "Deployment", true),
  HORIZONTAL_POD_AUTOSCALER("autoscaling", "v2", "HorizontalPodAutoscaler", true),
  POD_DISRUPTION_BUDGET("policy", "v1", "PodDisruptionBudget", true),
  ENDPOINT_SLICE("discovery.k8s.io", "v1", "EndpointSlice", true),
  GATEWAY_CLASS("gateway.networking.k8s.io", "v1", "GatewayClass", false),
  GATEWAY("gateway.networking.k8s.io", "v1", "Gateway", true),
  HTTP_ROUTE("gateway.networking.k8s.io", "v1", "HTTPRoute", true),
  GRPC_ROUTE("gateway.networking.k8s.io", "v1", "GRPCRoute", true),
  TLS_ROUTE("gateway.networking.k8s.io", "v1", "TLSRoute", true),
  TCP_ROUTE("gateway.networking.k8s.io", "v1", "TCPRoute", true),
  UDP_ROUTE("gateway.networking.k8s.io", "v1", "UDPRoute", true),
  REFERENCE_GRANT("gateway.networking.k8s.io", "v1beta1", "ReferenceGrant", true),
  BACKEND_TLS_POLICY("gateway.networking.k8s.io", "v1", "BackendTLSPolicy", true),
  AUTHORIZATION_POLICY("security.istio.io", "v1", "AuthorizationPolicy", true),
  PEER_AUTHENTICATION("security.istio.io", "v1", "PeerAuthentication", true),
  SERVICE_ENTRY("networking.istio.io", "v1", "ServiceEntry", true),
  WORKLOAD_ENTRY("networking.istio.io", "v1", "WorkloadEntry", true),
  VIRTUAL_SERVICE("networking.istio.io", "v1", "VirtualService", true),
  DESTINATION_RULE("networking.istio.io", "v1", "DestinationRule", true),
  REQUEST_AUTHENTICATION("security.istio.io", "v1", "RequestAuthentication", true),
  WORKLOAD_GROUP("networking.istio.io", "v1", "WorkloadGroup", true),
  SIDECAR("networking.istio.io", "v1", "Sidecar", true),
  ENVOY_FILTER("networking.istio.io", "v1alpha3", "EnvoyFilter", true),
  PROXY_CONFIG("networking.istio.io", "v1beta1", "ProxyConfig", true),
  WASM_PLUGIN("extensions.istio.io", "v1alpha1", "WasmPlugin", true),
  TELEMETRY("telemetry.istio.io", "v1", "Telemetry", true);

  /// The kinds of routes, most specific first: of several on one port only the first is used.
  /// Datagrams do not pass tunnels: a UDPRoute is read to say so.
  public static final List<Kind> ROUTES =
      List.of(GRPC_ROUTE, HTTP_ROUTE, TLS_ROUTE, TCP_ROUTE, UDP_ROUTE);

  /// Kinds that are read only to see what the objects made for Gateways look like.
  public static final List<Kind> MADE =
      List.of(DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET);

  private final String group;
  private final String version;
  private final String kindName;
  private final boolean namespaced;

  Kind(String group, String version, String kindName, boolean namespaced) {
    this.group = group;
    this.version = version;
    this.kindName = kindName;
    this.namespaced = namespaced;
  }

  /// The API group, empty for the core group.
  public String group() {
    return group;
  }

  /// The version that Kiri writes, and asks a cluster for first.
  public String version() {
    return version;
  }

  /// `group/version` as written into documents.
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /// The kind as written in documents, e.g. `HTTPRoute`.
  public String kindName() {
    return kindName;
  }

  /// Whether objects of this kind live in a namespace.
  public boolean namespaced() {
    return namespaced;
  }

  /// Name of the kind's folder in an objects folder and in an overlay tree.
  public String folder() {
    return kindName.toLowerCase(Locale.ROOT);
  }

  /// The kind of a document, by group and kind; the version is not compared.
  public static Optional<Kind> of(String apiVersion, String kindName) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    for (Kind kind : values()) {
      if (kind.group.equals(group) && kind.kindName.equals(kindName)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /// The kind of a folder name, in lower case.
  public static Optional<Kind> ofFolder(String folder) {
    for (Kind kind : values()) {
      if (kind.folder().equals(folder)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
