package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Graph;
import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Input;
import dev.kiri.controlplane.graph.SortedIndex;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.BackendTlsPolicyObject;
import dev.kiri.controlplane.kinds.ConfigMapObject;
import dev.kiri.controlplane.kinds.DestinationRuleObject;
import dev.kiri.controlplane.kinds.EndpointSliceObject;
import dev.kiri.controlplane.kinds.GatewayClassObject;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MadeObject;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.NodeObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.PeerAuthenticationObject;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.kinds.ReferenceGrantObject;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject;
import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.ServiceAccountObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.kinds.UnhonouredObject;
import dev.kiri.controlplane.kinds.VirtualServiceObject;
import dev.kiri.controlplane.kinds.WorkloadEndpoint;
import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import dev.kiri.controlplane.source.ObjectChange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The input tables, one a kind, keyed by `namespace/name` (or the name of a cluster-scoped
/// object), and the indexes over them. Confined to the index's thread.
public final class ObjectTables {
  public final Input<String, NamespaceObject> namespaces;
  public final Input<String, ServiceAccountObject> serviceAccounts;
  public final Input<String, NodeObject> nodes;
  public final Input<String, PodObject> pods;
  public final Input<String, ServiceObject> services;
  public final Input<String, ConfigMapObject> configMaps;
  public final Input<String, EndpointSliceObject> slices;
  public final Input<String, GatewayClassObject> gatewayClasses;
  public final Input<String, GatewayObject> gateways;
  private final Map<Kind, Input<String, MadeObject>> made = new EnumMap<>(Kind.class);
  private final Map<Kind, Input<String, RouteObject>> routes = new EnumMap<>(Kind.class);
  private final Map<Kind, Index<String, String, RouteObject>> routesByParent =
      new EnumMap<>(Kind.class);
  public final Input<String, ReferenceGrantObject> grants;
  public final Input<String, BackendTlsPolicyObject> backendTlsPolicies;
  public final Input<String, AuthorizationPolicyObject> policies;
  public final Input<String, PeerAuthenticationObject> peerAuthentications;
  public final Input<String, RequestAuthenticationObject> requestAuthentications;

  public final Input<String, ServiceEntryObject> serviceEntries;
  public final Input<String, WorkloadEntryObject> workloadEntries;
  public final Input<String, VirtualServiceObject> virtualServices;
  public final Input<String, DestinationRuleObject> destinationRules;

  /// ConfigMaps by `namespace/class` of the GatewayClass whose defaults they say they are.
  public final Index<String, String, ConfigMapObject> configMapsByClass;

  /// The tables of what lives in a namespace, without ConfigMaps.
  private final List<Input<String, ? extends MeshObject>> inForce;

  /// Objects that are refused as they stand; what was accepted before may be in its own table.
  public final Input<ObjectKey, Refused> refused;

  /// Services by namespace and first pair of the selector.
  final Index<String, String, ServiceObject> servicesBySelector;

  /// ServiceEntries by namespace and first pair of the selector.
  final Index<String, String, ServiceEntryObject> serviceEntriesBySelector;

  /// ServiceEntries of all namespaces by host.
  public final Index<String, String, ServiceEntryObject> serviceEntriesByHost;

  /// EndpointSlices by `namespace/pod` of the pods they name.
  final Index<String, String, EndpointSliceObject> slicesByPod;

  /// Pods by `namespace/gateway` of the Gateway they are an instance of.
  public final Index<String, String, PodObject> podsByGateway;

  /// Pods by namespace.
  public final Index<String, String, PodObject> podsByNamespace;

  /// Pods that run by [Encoding#sortable] address, also those that share that of their node.
  final SortedIndex<String, String, PodObject> podsByAddress;

  /// Services by [Encoding#sortable] virtual address.
  final Index<String, String, ServiceObject> servicesByAddress;

  /// WorkloadEntries by [Encoding#sortable] address.
  final SortedIndex<String, String, WorkloadEntryObject> workloadEntriesByAddress;

  /// ServiceEntries by the [Encoding#sortable] addresses of the endpoints written into them.
  final SortedIndex<String, String, ServiceEntryObject> serviceEntriesByAddress;

  /// ServiceEntries by the [dev.kiri.controlplane.kinds.IpBlock#text] of their virtual addresses.
  final Index<String, String, ServiceEntryObject> serviceEntriesByBlock;

  /// AuthorizationPolicies by namespace and first pair of the selector.
  final Index<String, String, AuthorizationPolicyObject> policiesBySelector;

  /// PeerAuthentications by namespace.
  final Index<String, String, PeerAuthenticationObject> peerAuthenticationsByNamespace;

  /// ReferenceGrants by namespace.
  public final Index<String, String, ReferenceGrantObject> grantsByNamespace;

  /// What is wrong with an object, and what could be read of it.
  public record Refused(@Nullable MeshObject attempt, List<Problem> problems) {}

  ObjectTables(Graph graph) {
    namespaces = graph.input("namespaces");
    serviceAccounts = graph.input("serviceaccounts");
    nodes = graph.input("nodes");
    pods = graph.input("pods");
    services = graph.input("services");
    configMaps = graph.input("configmaps");
    for (Kind kind : Kind.MADE) {
      made.put(kind, graph.input(kind.folder() + "s"));
    }
    slices = graph.input("endpointslices");
    gatewayClasses = graph.input("gatewayclasses");
    gateways = graph.input("gateways");
    for (Kind kind : Kind.ROUTES) {
      Input<String, RouteObject> table = graph.input(kind.folder() + "s");
      routes.put(kind, table);
      routesByParent.put(kind, table.index(ObjectTables::parentsOf));
    }
    grants = graph.input("referencegrants");
    backendTlsPolicies = graph.input("backendtlspolicies");
    policies = graph.input("authorizationpolicies");
    peerAuthentications = graph.input("peerauthentications");
    requestAuthentications = graph.input("requestauthentications");
    serviceEntries = graph.input("serviceentries");
    workloadEntries = graph.input("workloadentries");
    virtualServices = graph.input("virtualservices");
    destinationRules = graph.input("destinationrules");
    refused = graph.input("refused");
    inForce =
        Stream.<Input<String, ? extends MeshObject>>concat(
                Stream.of(
                    serviceAccounts,
                    pods,
                    services,
                    slices,
                    gateways,
                    grants,
                    backendTlsPolicies,
                    policies,
                    peerAuthentications,
                    requestAuthentications,
                    serviceEntries,
                    workloadEntries,
                    virtualServices,
                    destinationRules),
                Stream.concat(routes.values().stream(), made.values().stream()))
            .toList();
    servicesBySelector = services.index(s -> Selection.entries(s.meta().namespace(), s.selector()));
    serviceEntriesBySelector =
        serviceEntries.index(e -> Selection.entries(e.meta().namespace(), e.selector()));
    serviceEntriesByHost = serviceEntries.index(ServiceEntryObject::hosts);
    slicesByPod = slices.index(ObjectTables::podsOf);
    configMapsByClass =
        configMaps.index(
            map -> {
              String of = map.meta().label(WellKnown.DEFAULTS_FOR_CLASS);
              return of == null ? List.of() : List.of(map.meta().namespace() + "/" + of);
            });
    podsByGateway =
        pods.index(
            p -> {
              String gateway = p.meta().label(WellKnown.GATEWAY_NAME);
              return gateway == null ? List.of() : List.of(p.meta().namespace() + "/" + gateway);
            });
    podsByNamespace = pods.index(p -> List.of(p.meta().namespace()));
    podsByAddress =
        pods.sortedIndex(
            p ->
                p.finished() ? List.of() : p.addresses().stream().map(Encoding::sortable).toList());
    servicesByAddress =
        services.index(s -> s.clusterIps().stream().map(Encoding::sortable).toList());
    workloadEntriesByAddress = workloadEntries.sortedIndex(e -> addresses(List.of(e.endpoint())));
    serviceEntriesByAddress = serviceEntries.sortedIndex(e -> addresses(e.endpoints()));
    serviceEntriesByBlock =
        serviceEntries.index(e -> e.addresses().stream().map(IpBlock::text).toList());
    policiesBySelector =
        policies.index(
            p ->
                p.targets().isEmpty()
                    ? Selection.entries(p.meta().namespace(), p.selector())
                    : List.of());
    peerAuthenticationsByNamespace = peerAuthentications.index(p -> List.of(p.meta().namespace()));
    grantsByNamespace = grants.index(g -> List.of(g.meta().namespace()));
  }

  /// The objects of one of [Kind#MADE].
  public Input<String, MadeObject> made(Kind kind) {
    return Objects.requireNonNull(made.get(kind), kind::kindName);
  }

  /// The routes of one of [Kind#ROUTES].
  public Input<String, RouteObject> routes(Kind kind) {
    return Objects.requireNonNull(routes.get(kind), kind::kindName);
  }

  /// Routes of one of [Kind#ROUTES] by `kind/namespace/name` of the Services and ServiceEntries
  /// they name as parents.
  public Index<String, String, RouteObject> routesByParent(Kind kind) {
    return Objects.requireNonNull(routesByParent.get(kind), kind::kindName);
  }

  void take(ObjectChange change) {
    switch (change) {
      case ObjectChange.Put(MeshObject object, List<Problem> problems) -> {
        put(object);
        boolean errors = problems.stream().anyMatch(p -> p.severity() == Problem.Severity.ERROR);
        refused.put(change.key(), errors ? new Refused(object, problems) : null);
      }
      case ObjectChange.Refused(ObjectKey key, MeshObject attempt, List<Problem> problems) ->
          refused.put(key, new Refused(attempt, problems));
      case ObjectChange.Gone(ObjectKey key) -> {
        gone(key);
        refused.put(key, null);
      }
    }
  }

  private void put(MeshObject object) {
    String path = object.key().path();
    switch (object) {
      case NamespaceObject o -> namespaces.put(path, o);
      case ServiceAccountObject o -> serviceAccounts.put(path, o);
      case NodeObject o -> nodes.put(path, o);
      case PodObject o -> pods.put(path, o);
      case ServiceObject o -> services.put(path, o);
      case ConfigMapObject o -> configMaps.put(path, o);
      case MadeObject o -> made(o.kind()).put(path, o);
      case EndpointSliceObject o -> slices.put(path, o);
      case GatewayClassObject o -> gatewayClasses.put(path, o);
      case GatewayObject o -> gateways.put(path, o);
      case RouteObject o -> routes(o.kind()).put(path, o);
      case ReferenceGrantObject o -> grants.put(path, o);
      case BackendTlsPolicyObject o -> backendTlsPolicies.put(path, o);
      case AuthorizationPolicyObject o -> policies.put(path, o);
      case PeerAuthenticationObject o -> peerAuthentications.put(path, o);
      case RequestAuthenticationObject o -> requestAuthentications.put(path, o);
      case ServiceEntryObject o -> serviceEntries.put(path, o);
      case WorkloadEntryObject o -> workloadEntries.put(path, o);
      case VirtualServiceObject o -> virtualServices.put(path, o);
      case DestinationRuleObject o -> destinationRules.put(path, o);
      case UnhonouredObject o -> throw new IllegalStateException("never in force: " + o.key());
    }
  }

  private void gone(ObjectKey key) {
    String path = key.path();
    switch (key.kind()) {
      case NAMESPACE -> namespaces.put(path, null);
      case SERVICE_ACCOUNT -> serviceAccounts.put(path, null);
      case NODE -> nodes.put(path, null);
      case POD -> pods.put(path, null);
      case SERVICE -> services.put(path, null);
      case CONFIG_MAP -> configMaps.put(path, null);
      case DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET ->
          made(key.kind()).put(path, null);
      case ENDPOINT_SLICE -> slices.put(path, null);
      case GATEWAY_CLASS -> gatewayClasses.put(path, null);
      case GATEWAY -> gateways.put(path, null);
      case HTTP_ROUTE, GRPC_ROUTE, TLS_ROUTE, TCP_ROUTE, UDP_ROUTE ->
          routes(key.kind()).put(path, null);
      case REFERENCE_GRANT -> grants.put(path, null);
      case BACKEND_TLS_POLICY -> backendTlsPolicies.put(path, null);
      case AUTHORIZATION_POLICY -> policies.put(path, null);
      case PEER_AUTHENTICATION -> peerAuthentications.put(path, null);
      case SERVICE_ENTRY -> serviceEntries.put(path, null);
      case WORKLOAD_ENTRY -> workloadEntries.put(path, null);
      case VIRTUAL_SERVICE -> virtualServices.put(path, null);
      case DESTINATION_RULE -> destinationRules.put(path, null);
      case REQUEST_AUTHENTICATION -> requestAuthentications.put(path, null);
      case WORKLOAD_GROUP, SIDECAR, ENVOY_FILTER, PROXY_CONFIG, WASM_PLUGIN, TELEMETRY -> {
        // never in force
      }
    }
  }

  /// Calls back with every object in force.
  void forEach(Consumer<MeshObject> each) {
    inForce.forEach(table -> table.rows().values().forEach(each));
  }

  /// The change that puts an object in force as it is now.
  ObjectChange asPut(MeshObject object) {
    Refused row = refused.rows().get(object.key());
    return new ObjectChange.Put(
        object, row != null && object.equals(row.attempt()) ? row.problems() : List.of());
  }

  /// The changes that refuse what is refused in a namespace.
  List<ObjectChange> refusedIn(String namespace) {
    List<ObjectChange> changes = new ArrayList<>();
    refused
        .rows()
        .forEach(
            (key, row) -> {
              if (key.namespace().equals(namespace)) {
                changes.add(new ObjectChange.Refused(key, row.attempt(), row.problems()));
              }
            });
    return changes;
  }

  private static List<String> addresses(List<WorkloadEndpoint> endpoints) {
    List<String> addresses = new ArrayList<>();
    for (WorkloadEndpoint endpoint : endpoints) {
      InetAddress ip = endpoint.ip();
      if (ip != null) {
        addresses.add(Encoding.sortable(ip));
      }
    }
    return addresses;
  }

  private static Set<String> parentsOf(RouteObject route) {
    return route.parents().stream()
        .filter(RouteObject.ParentRef::isFrontend)
        .map(parent -> parent.kind() + "/" + parent.path(route.meta().namespace()))
        .collect(Collectors.toSet());
  }

  private static List<String> podsOf(EndpointSliceObject slice) {
    List<String> pods = new ArrayList<>();
    for (EndpointSliceObject.Endpoint endpoint : slice.endpoints()) {
      if (endpoint.isPod()) {
        pods.add(slice.meta().namespace() + "/" + endpoint.podName());
      }
    }
    return pods;
  }
}
