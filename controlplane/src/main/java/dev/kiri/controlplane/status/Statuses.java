package dev.kiri.controlplane.status;

import dev.kiri.controlplane.graph.Derived.Rule;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.DestinationRuleObject;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.PeerAuthenticationObject;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject;
import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.UnhonouredObject;
import dev.kiri.controlplane.kinds.VirtualServiceObject;
import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import dev.kiri.controlplane.waypointconfig.RouteResult;
import dev.kiri.controlplane.waypointconfig.WaypointConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The wanted status of every object of the kinds whose status is ours, as tables over the index.
/// An object that is refused as it stands says so instead. Confined to the index's thread.
public final class Statuses {
  private final MeshIndex index;
  private final ObjectTables objects;
  private final MeshSettings settings;
  private final Table<ObjectKey, Map<String, Object>> refused;
  private final ProxyRefusals proxies;
  private final Map<Kind, Table<String, Map<String, Object>>> byKind = new LinkedHashMap<>();

  /// Adds the tables; to be called before the first change.
  public Statuses(MeshIndex index, WaypointConfig config) {
    this.index = index;
    this.objects = index.objects();
    this.settings = index.settings();
    this.proxies = new ProxyRefusals(index);
    GatewayStatus gateways = new GatewayStatus(objects, settings);
    this.refused =
        index
            .graph()
            .derive("refused.status", objects.refused, (_, row, reader) -> refusal(row, reader));
    add(
        Kind.GATEWAY_CLASS,
        "gatewayclasses.status",
        objects.gatewayClasses,
        (_, row, reader) -> gateways.gatewayClass(row, reader));
    add(
        Kind.GATEWAY,
        "gateways.status",
        objects.gateways,
        (_, row, reader) -> unlessRefused(row, reader, gateways.gateway(row, reader)));
    for (Kind kind : Kind.ROUTES) {
      add(
          kind,
          kind.folder() + "s.status",
          objects.routes(kind),
          (path, row, reader) -> {
            RouteResult result = reader.get(config.routes(kind), path);
            return unlessRefused(row, reader, result == null ? null : RouteStatus.of(row, result));
          });
    }
    add(
        Kind.SERVICE,
        "services.status",
        objects.services,
        (path, row, reader) -> {
          Binding binding = reader.get(index.serviceBindings(), path);
          return binding == null
              ? null
              : ServiceStatus.of(
                  row, reader.get(objects.namespaces, row.meta().namespace()), binding);
        });
    add(
        Kind.SERVICE_ENTRY,
        "serviceentries.status",
        objects.serviceEntries,
        (path, row, reader) -> {
          Binding binding = reader.get(index.entryBindings(), path);
          var claims = reader.get(index.hostClaims(), path);
          var owners = reader.get(index.entryAddresses().ofServiceEntries(), path);
          var virtual = reader.get(index.entryAddresses().virtual(), path);
          var namespace = reader.get(objects.namespaces, row.meta().namespace());
          return unlessRefused(
              row,
              reader,
              binding == null || claims == null || owners == null || virtual == null
                  ? null
                  : ServiceEntryStatus.of(
                      row,
                      namespace,
                      binding,
                      claims,
                      owners,
                      virtual,
                      given(path, reader),
                      index.meshConfigs().get(reader).entryVisibility() == null
                          ? null
                          : index.meshConfigs().visibility(row, reader)));
        });
    add(
        Kind.WORKLOAD_ENTRY,
        "workloadentries.status",
        objects.workloadEntries,
        (path, row, reader) -> {
          var owners = reader.get(index.entryAddresses().ofWorkloadEntries(), path);
          return unlessRefused(
              row, reader, owners == null ? null : WorkloadEntryStatus.of(row, owners));
        });
    add(
        Kind.DESTINATION_RULE,
        "destinationrules.status",
        objects.destinationRules,
        (path, row, reader) ->
            unlessRefused(
                row,
                reader,
                VirtualServiceStatus.of(row, reader.get(config.destinationRules(), path))));
    add(
        Kind.BACKEND_TLS_POLICY,
        "backendtlspolicies.status",
        objects.backendTlsPolicies,
        (path, row, reader) ->
            unlessRefused(
                row,
                reader,
                BackendTlsStatus.of(row, reader.get(config.backendTlsPolicies(), path))));
    add(
        Kind.VIRTUAL_SERVICE,
        "virtualservices.status",
        objects.virtualServices,
        (path, row, reader) ->
            unlessRefused(
                row,
                reader,
                VirtualServiceStatus.of(row, reader.get(config.virtualServices(), path))));
    add(
        Kind.AUTHORIZATION_POLICY,
        "policies.status",
        objects.policies,
        (path, row, reader) ->
            unlessRefused(
                row,
                reader,
                PolicyStatus.authorization(row, reader.get(config.policies(), path), settings)));
    add(
        Kind.REQUEST_AUTHENTICATION,
        "requestauthentications.status",
        objects.requestAuthentications,
        (path, row, reader) ->
            unlessRefused(
                row,
                reader,
                PolicyStatus.tokens(row, reader.get(config.requestAuthentications(), path))));
    add(
        Kind.PEER_AUTHENTICATION,
        "peers.status",
        objects.peerAuthentications,
        (_, row, reader) -> unlessRefused(row, reader, PolicyStatus.peers(row, settings)));
  }

  /// Every object also says what proxies refuse of it.
  private <V extends MeshObject> void add(
      Kind kind, String name, Table<String, V> objects, Rule<String, V, Map<String, Object>> rule) {
    byKind.put(
        kind,
        index
            .graph()
            .derive(
                name,
                objects,
                (path, row, reader) -> proxies.added(row, rule.derive(path, row, reader), reader)));
  }

  /// What proxies refuse.
  public ProxyRefusals proxies() {
    return proxies;
  }

  /// The tables of objects in force, by kind.
  Map<Kind, Table<String, Map<String, Object>>> byKind() {
    return byKind;
  }

  /// The status of refused objects.
  Table<ObjectKey, Map<String, Object>> refused() {
    return refused;
  }

  /// Whether objects of a kind have a status of ours.
  boolean has(Kind kind) {
    return byKind.containsKey(kind) || UnhonouredObject.isKind(kind);
  }

  /// The status wanted for an object; null for none.
  @Nullable Map<String, Object> wanted(ObjectKey key) {
    Table<String, Map<String, Object>> table = byKind.get(key.kind());
    Map<String, Object> inForce = table == null ? null : table.rows().get(key.path());
    return inForce != null ? inForce : refused.rows().get(key);
  }

  private @Nullable Map<String, Object> unlessRefused(
      MeshObject object, Reader reader, @Nullable Map<String, Object> status) {
    ObjectTables.Refused row = reader.get(objects.refused, object.key());
    boolean failsClosed =
        object instanceof AuthorizationPolicyObject policy && policy.unreadable() != null;
    return row == null || failsClosed ? status : refusal(row, reader);
  }

  private List<ServiceEntryObject.Allocated> given(String path, Reader reader) {
    var given = reader.get(index.givenAddresses(), path);
    return given == null ? List.of() : given;
  }

  private @Nullable Map<String, Object> refusal(ObjectTables.Refused row, Reader reader) {
    String problem =
        row.problems().stream()
            .filter(p -> p.severity() == Problem.Severity.ERROR)
            .map(Problem::text)
            .collect(Collectors.joining("; "));
    MeshObject attempt = row.attempt();
    return switch (attempt) {
      case ServiceEntryObject entry ->
          ServiceEntryStatus.refused(entry, problem, given(entry.key().path(), reader));
      case WorkloadEntryObject entry -> WorkloadEntryStatus.refused(entry, problem);
      case RouteObject route -> RouteStatus.refused(route, problem);
      case GatewayObject gateway ->
          GatewayStatus.conditions(
              Condition.no("Accepted", "Invalid", problem, gateway.meta().generation()));
      case VirtualServiceObject service ->
          GatewayStatus.conditions(
              Condition.no("WaypointAccepted", "Invalid", problem, service.meta().generation()));
      case DestinationRuleObject rule ->
          GatewayStatus.conditions(
              Condition.no("WaypointAccepted", "Invalid", problem, rule.meta().generation()));
      case AuthorizationPolicyObject policy ->
          GatewayStatus.conditions(
              Condition.no(
                  policy.targets().isEmpty() ? "ZtunnelAccepted" : "WaypointAccepted",
                  "Invalid",
                  problem + "; what was accepted before stays in force",
                  policy.meta().generation()));
      case RequestAuthenticationObject policy ->
          GatewayStatus.conditions(
              Condition.no("WaypointAccepted", "Invalid", problem, policy.meta().generation()));
      case PeerAuthenticationObject policy ->
          GatewayStatus.conditions(
              Condition.no("ZtunnelAccepted", "Invalid", problem, policy.meta().generation()));
      case UnhonouredObject object ->
          GatewayStatus.conditions(
              Condition.no(
                  "kiri.dev/Honoured", "NotHonoured", problem, object.meta().generation()));
      case null, default -> null;
    };
  }
}
