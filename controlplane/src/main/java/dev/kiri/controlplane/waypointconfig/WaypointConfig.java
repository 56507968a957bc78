package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Graph;
import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshConfig;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.waypoint.config.v1.AccessLog;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.ServicePort;
import dev.kiri.waypoint.config.v1.Waypoint;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The derivations of waypoint configuration, added to the index's graph. Confined to the index's
/// thread.
public final class WaypointConfig {
  private final MeshIndex index;
  private final MeshSettings settings;
  private final Map<Kind, Table<String, RouteResult>> routes = new EnumMap<>(Kind.class);
  private final Table<String, VirtualServiceResult> virtualServices;
  private final Table<String, VirtualServiceResult> destinationRules;
  private final Table<String, BackendTlsResult> backendTlsPolicies;
  private final Table<String, PolicyResult> policies;
  private final Table<String, PolicyResult> requestAuthentications;
  private final Table<String, Map<String, EncodedResource>> waypoints;
  private final Table<String, Map<String, EncodedResource>> services;
  private final Table<String, Map<String, EncodedResource>> serviceEntries;
  private final Frontends frontends;

  /// Adds the derivations; to be called before the first change.
  public WaypointConfig(MeshIndex index) {
    this.index = index;
    this.settings = index.settings();
    Graph graph = index.graph();
    Index<String, String, GatewayObject> byClass =
        index.objects().gateways.index(g -> List.of(g.className()));
    this.frontends = new Frontends(index);
    RouteDerivation routing = new RouteDerivation(index, frontends);
    for (Kind kind : Kind.ROUTES) {
      routes.put(
          kind,
          graph.derive(
              kind.folder() + "s.config",
              index.objects().routes(kind),
              (_, route, reader) -> routing.derive(route, reader)));
    }
    Workloads workloads = new Workloads(index);
    DestinationRuleDerivation destinations =
        new DestinationRuleDerivation(index, frontends, workloads);
    this.destinationRules =
        graph.derive(
            "destinationrules.config",
            index.objects().destinationRules,
            (_, rule, reader) -> destinations.derive(rule, reader));
    BackendTlsDerivation backendTls = new BackendTlsDerivation(index, frontends, byClass);
    this.backendTlsPolicies =
        graph.derive(
            "backendtlspolicies.config",
            index.objects().backendTlsPolicies,
            (_, policy, reader) -> backendTls.derive(policy, reader));
    VirtualServiceDerivation virtual =
        new VirtualServiceDerivation(
            index, frontends, new Destinations(frontends, index), workloads);
    this.virtualServices =
        graph.derive(
            "virtualservices.config",
            index.objects().virtualServices,
            (_, service, reader) -> virtual.derive(service, reader));
    PolicyDerivation authorizing = new PolicyDerivation(index, byClass);
    this.policies =
        graph.derive(
            "policies.config",
            index.objects().policies,
            (_, policy, reader) -> authorizing.derive(policy, reader));
    this.requestAuthentications =
        graph.derive(
            "requestauthentications.config",
            index.objects().requestAuthentications,
            (_, policy, reader) -> authorizing.derive(policy, reader));
    this.waypoints = graph.derive("gateways.config", index.objects().gateways, this::waypoint);
    this.services =
        graph.derive(
            "services.config",
            index.objects().services,
            (path, service, reader) -> declared(service, frontends.service(path, reader), reader));
    this.serviceEntries =
        graph.derive(
            "serviceentries.config",
            index.objects().serviceEntries,
            (path, entry, reader) -> declared(entry, frontends.entry(path, reader), reader));
  }

  /// Routes of one of [Kind#ROUTES] by `namespace/name`.
  public Table<String, RouteResult> routes(Kind kind) {
    return Objects.requireNonNull(routes.get(kind), kind::kindName);
  }

  /// VirtualServices that concern the mesh by `namespace/name`.
  public Table<String, VirtualServiceResult> virtualServices() {
    return virtualServices;
  }

  /// DestinationRules by `namespace/name`.
  public Table<String, VirtualServiceResult> destinationRules() {
    return destinationRules;
  }

  /// BackendTLSPolicies by `namespace/name`.
  public Table<String, BackendTlsResult> backendTlsPolicies() {
    return backendTlsPolicies;
  }

  /// Policies with targets by `namespace/name`.
  public Table<String, PolicyResult> policies() {
    return policies;
  }

  /// RequestAuthentications with targets by `namespace/name`.
  public Table<String, PolicyResult> requestAuthentications() {
    return requestAuthentications;
  }

  Table<String, Map<String, EncodedResource>> waypoints() {
    return waypoints;
  }

  Table<String, Map<String, EncodedResource>> services() {
    return services;
  }

  Table<String, Map<String, EncodedResource>> serviceEntries() {
    return serviceEntries;
  }

  private Map<String, EncodedResource> waypoint(String path, GatewayObject gateway, Reader reader) {
    var candidate = Objects.requireNonNull(reader.get(index.candidates(), path), path);
    Waypoint.TrafficType type =
        switch (candidate.trafficType()) {
          case "workload" -> Waypoint.TrafficType.WORKLOAD;
          case "all" -> Waypoint.TrafficType.ALL;
          case "none" -> Waypoint.TrafficType.NONE;
          default -> Waypoint.TrafficType.SERVICE;
        };
    MeshConfig mesh = index.meshConfigs().get(reader);
    Waypoint.Builder out =
        Waypoint.newBuilder()
            .setTrustDomain(settings.trustDomain())
            .addAllTrustDomainAliases(settings.trustDomainAliases())
            .setRootNamespace(settings.rootNamespace())
            .setWaypointFor(type)
            .setPathNormalization(normalization(mesh))
            .setConsumerRoutes(Waypoint.ConsumerRoutes.BY_CLIENT_NAMESPACE);
    if (mesh.accessLog() != null || mesh.accessLogJson()) {
      out.setAccessLog(
          AccessLog.newBuilder()
              .setDisabled(Boolean.FALSE.equals(mesh.accessLog()))
              .setFormat(mesh.accessLogJson() ? AccessLog.Format.JSON : AccessLog.Format.TEXT));
    }
    if (mesh.protocolDetection() != null) {
      out.setProtocolDetectionTimeout(RouteConversion.duration(mesh.protocolDetection()));
    }
    return Map.of(path, Resources.encode(gateway, Resources.of(gateway).setWaypoint(out)));
  }

  private static Waypoint.PathNormalization normalization(MeshConfig mesh) {
    return switch (mesh.pathNormalization()) {
      case NONE -> Waypoint.PathNormalization.NO_NORMALIZATION;
      case DEFAULT, BASE -> Waypoint.PathNormalization.BASE;
      case MERGE_SLASHES -> Waypoint.PathNormalization.MERGE_SLASHES;
      case DECODE_AND_MERGE_SLASHES -> Waypoint.PathNormalization.DECODE_AND_MERGE_SLASHES;
    };
  }

  private @Nullable Map<String, EncodedResource> declared(
      MeshObject object, @Nullable Frontend frontend, Reader reader) {
    if (frontend == null || !(frontends.binding(frontend, reader) instanceof Binding.Bound bound)) {
      return null;
    }
    Service.Builder out =
        Service.newBuilder()
            .setNamespace(frontend.namespace())
            .setHostname(frontend.hostnames().getFirst())
            .addAllMoreHostnames(frontend.hostnames().subList(1, frontend.hostnames().size()));
    for (Frontend.Port port : frontend.ports()) {
      out.addPorts(
          ServicePort.newBuilder()
              .setPort(port.number())
              .setName(port.name())
              .setProtocol(port.protocol()));
    }
    EncodedResource resource = Resources.encode(object, Resources.of(object).setService(out));
    Map<String, EncodedResource> byWaypoint = new TreeMap<>();
    bound.waypoints().forEach(waypoint -> byWaypoint.put(waypoint.path(), resource));
    return byWaypoint;
  }
}
