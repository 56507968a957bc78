package dev.kiri.controlplane.index;

/// Labels, annotations and resource types of the mesh, spelled as upstream spells them
/// (controlplane.md 19).
public final class WellKnown {
  public static final String ADDRESS_TYPE = "type.googleapis.com/istio.workload.Address";
  public static final String AUTHORIZATION_TYPE =
      "type.googleapis.com/istio.security.Authorization";
  public static final String WAYPOINT_TYPE = "type.googleapis.com/kiri.waypoint.v1.Resource";

  public static final String USE_WAYPOINT = "istio.io/use-waypoint";
  public static final String USE_WAYPOINT_NAMESPACE = "istio.io/use-waypoint-namespace";
  public static final String CANARY = "istio.io/use-waypoint-canary";
  public static final String CANARY_NAMESPACE = "istio.io/use-waypoint-canary-namespace";
  public static final String CANARY_WEIGHT = "istio.io/use-waypoint-canary-weight";
  public static final String WAYPOINT_FOR = "istio.io/waypoint-for";
  public static final String INGRESS_USE_WAYPOINT = "istio.io/ingress-use-waypoint";
  public static final String NETWORK = "topology.istio.io/network";
  public static final String SUBZONE = "topology.istio.io/subzone";
  public static final String REGION = "topology.kubernetes.io/region";
  public static final String ZONE = "topology.kubernetes.io/zone";
  public static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";
  public static final String GATEWAY_CLASS_NAME = "gateway.networking.k8s.io/gateway-class-name";
  public static final String MANAGED = "gateway.istio.io/managed";
  public static final String MANAGED_MESH = "istio.io-mesh-controller";
  public static final String MANAGED_EAST_WEST = "istio.io-eastwest-controller";
  public static final String SERVICE_ACCOUNT = "gateway.istio.io/service-account";
  public static final String NAME_OVERRIDE = "gateway.istio.io/name-override";
  public static final String DEFAULTS_FOR_CLASS = "gateway.istio.io/defaults-for-class";
  public static final String CONTROLLER_VERSION = "gateway.istio.io/controller-version";
  public static final String INBOUND_BINDING = "ambient.istio.io/waypoint-inbound-binding";
  public static final String REDIRECTION = "ambient.istio.io/redirection";
  public static final String TUNNEL = "networking.istio.io/tunnel";
  public static final String TRAFFIC_DISTRIBUTION = "networking.istio.io/traffic-distribution";
  public static final String CANONICAL_NAME = "service.istio.io/canonical-name";
  public static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";
  public static final String WORKLOAD_NAME = "service.istio.io/workload-name";

  private WellKnown() {}
}
