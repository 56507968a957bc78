package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Graph;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.PeerAuthenticationObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.xds.EncodedResource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tables between objects and resources. Further derivations (waypoint configuration, status,
/// provisioning) add theirs to the same graph before the first change. Confined to one thread,
/// except [#pods()].
public final class MeshIndex {
  /// Kinds whose changes bring ServiceEntries into the tables or take them out.
  private static final Set<Kind> MOVE_ENTRIES =
      EnumSet.of(Kind.SERVICE_ENTRY, Kind.NAMESPACE, Kind.CONFIG_MAP);

  private final Graph graph = new Graph();
  private final MeshSettings settings;
  private final ObjectTables objects;
  private final Discovery discovery;
  private final MeshConfigs meshConfigs;
  private final Table<String, Waypoint> waypoints;
  private final Table<String, Binding> serviceBindings;
  private final Table<String, Waypoint> candidates;
  private final Table<String, Binding> intendedBindings;
  private final Table<String, EncodedResource> services;
  private final Table<String, EncodedResource> workloads;
  private final Table<String, Map<String, EncodedResource>> sliceWorkloads;
  private final Table<String, Map<String, HostClaim>> hostClaims;
  private final Table<String, Binding> entryBindings;
  private final Table<String, Binding> intendedEntryBindings;
  private final EntryAddresses entryAddresses;
  private final HostAddresses hostAddresses;
  private final Table<String, Map<String, EncodedResource>> serviceEntries;
  private final Table<String, EncodedResource> workloadEntries;
  private final Table<String, EncodedResource> authorizations;
  private final Table<String, Map<String, EncodedResource>> peerAuthorizations;
  private final Table<String, List<String>> podFindings;
  private final Table<String, List<String>> meshFindings;
  private final PodDirectory pods = new PodDirectory();

  /// An empty index.
  public MeshIndex(MeshSettings settings) {
    this.settings = settings;
    this.objects = new ObjectTables(graph);
    this.discovery = new Discovery(objects, settings);
    this.meshConfigs = new MeshConfigs(objects, settings);
    this.hostAddresses = new HostAddresses(graph, objects.serviceEntries, settings.givenRanges());
    this.waypoints =
        graph.derive(
            "waypoints",
            objects.gateways,
            (key, gateway, reader) ->
                Waypoint.of(
                    gateway,
                    objects,
                    ServiceDerivation.network(objects, settings, reader),
                    reader));
    Binder binder = new Binder(objects, waypoints, meshConfigs);
    PeerAuthentications peers = new PeerAuthentications(objects, settings);
    this.serviceBindings =
        graph.derive(
            "servicebindings",
            objects.services,
            (key, service, reader) -> binder.service(service.meta(), reader));
    this.candidates =
        graph.derive(
            "waypoints.candidates",
            objects.gateways,
            (key, gateway, reader) -> Waypoint.candidate(gateway, objects, reader));
    Binder intended = new Binder(objects, candidates, meshConfigs);
    this.intendedBindings =
        graph.derive(
            "servicebindings.intended",
            objects.services,
            (key, service, reader) -> intended.service(service.meta(), reader));
    this.services = graph.derive("services.address", objects.services, this::service);
    HostClaims claiming = new HostClaims(objects, meshConfigs, settings);
    this.hostClaims =
        graph.derive(
            "serviceentries.claims",
            objects.serviceEntries,
            (key, entry, reader) -> claiming.of(entry, reader));
    this.entryBindings =
        graph.derive(
            "serviceentries.bindings",
            objects.serviceEntries,
            (key, entry, reader) -> binder.entry(entry, reader));
    this.intendedEntryBindings =
        graph.derive(
            "serviceentries.bindings.intended",
            objects.serviceEntries,
            (key, entry, reader) -> intended.entry(entry, reader));
    Memberships memberships = new Memberships(objects, hostClaims, settings);
    WorkloadDerivation derivation =
        new WorkloadDerivation(objects, waypoints, binder, peers, memberships, settings);
    this.entryAddresses = new EntryAddresses(graph, objects, hostClaims, settings);
    EntryWorkloads entries =
        new EntryWorkloads(objects, binder, derivation, memberships, entryAddresses, settings);
    ServiceEntryDerivation serviceEntryDerivation =
        new ServiceEntryDerivation(
            objects,
            hostClaims,
            entryBindings,
            hostAddresses.given(),
            entryAddresses,
            entries,
            meshConfigs,
            settings);
    this.serviceEntries =
        graph.derive(
            "serviceentries.address", objects.serviceEntries, serviceEntryDerivation::derive);
    this.workloadEntries =
        graph.derive(
            "workloadentries.address",
            objects.workloadEntries,
            (key, entry, reader) -> entries.derive(entry, reader));
    this.workloads =
        graph.derive(
            "workloads.address",
            objects.pods,
            (key, pod, reader) -> derivation.derive(pod, reader));
    this.sliceWorkloads =
        graph.derive(
            "slices.address",
            objects.slices,
            (key, slice, reader) -> SliceDerivation.derive(slice, objects, settings, reader));
    this.authorizations =
        graph.derive(
            "policies.authorization", objects.policies, (key, policy, _) -> authorization(policy));
    this.peerAuthorizations =
        graph.derive(
            "peers.authorization",
            objects.peerAuthentications,
            (key, policy, reader) -> peerAuthorization(peers, policy, reader));
    this.podFindings =
        graph.derive(
            "pods.findings",
            objects.pods,
            (key, pod, reader) -> PodFindings.of(pod, objects, reader));
    this.meshFindings =
        graph.derive(
            "configmaps.findings",
            objects.configMaps,
            (key, map, reader) -> MeshConfigs.findings(map, settings));
    objects.pods.onChange(pods::changed);
  }

  private @Nullable EncodedResource service(
      String key, ServiceObject service, dev.kiri.controlplane.graph.Reader reader) {
    Binding binding = reader.get(serviceBindings, key);
    return ServiceDerivation.derive(
        service,
        binding == null ? new Binding.Unbound() : binding,
        reader.get(objects.namespaces, service.meta().namespace()),
        ServiceDerivation.network(objects, settings, reader),
        settings);
  }

  private @Nullable EncodedResource authorization(AuthorizationPolicyObject policy) {
    var converted = AuthorizationConversion.convert(policy, settings).policy();
    return converted == null
        ? null
        : EncodedResource.of(
            WellKnown.AUTHORIZATION_TYPE, policy.key().path(), converted, List.of(), Set.of(), "");
  }

  /// The converted policy and, as soon as there is any PeerAuthentication, the static strict one.
  private static Map<String, EncodedResource> peerAuthorization(
      PeerAuthentications peers,
      PeerAuthenticationObject policy,
      dev.kiri.controlplane.graph.Reader reader) {
    EncodedResource strict =
        EncodedResource.of(
            WellKnown.AUTHORIZATION_TYPE,
            peers.staticName(),
            peers.staticStrict(),
            List.of(),
            Set.of(),
            "");
    var converted = peers.converted(policy, reader);
    if (converted == null) {
      return Map.of(strict.name(), strict);
    }
    EncodedResource own =
        EncodedResource.of(
            WellKnown.AUTHORIZATION_TYPE,
            PeerAuthentications.convertedName(policy),
            converted,
            List.of(),
            Set.of(),
            "");
    return Map.of(strict.name(), strict, own.name(), own);
  }

  /// Takes changes in and settles. Returns how many rows were recomputed.
  public int apply(List<ObjectChange> changes) {
    changes.forEach(discovery::take);
    if (changes.stream().anyMatch(change -> MOVE_ENTRIES.contains(change.key().kind()))) {
      hostAddresses.settle();
    }
    return graph.settle();
  }

  /// The graph, for further derivations.
  public Graph graph() {
    return graph;
  }

  public MeshSettings settings() {
    return settings;
  }

  /// The input tables.
  public ObjectTables objects() {
    return objects;
  }

  /// Gateways with an address, by `namespace/name`.
  public Table<String, Waypoint> waypoints() {
    return waypoints;
  }

  /// Who is bound to which waypoint, by `namespace/name` of the service.
  public Table<String, Binding> serviceBindings() {
    return serviceBindings;
  }

  /// Which of its hosts a ServiceEntry has, by `namespace/name` of the entry.
  public Table<String, Map<String, HostClaim>> hostClaims() {
    return hostClaims;
  }

  /// Which ServiceEntry is bound to which waypoint, by `namespace/name` of the entry.
  public Table<String, Binding> entryBindings() {
    return entryBindings;
  }

  /// Which addresses of entries belong to somebody else.
  public EntryAddresses entryAddresses() {
    return entryAddresses;
  }

  /// Which virtual addresses hosts of ServiceEntries were given, by `namespace/name` of the entry.
  public Table<String, List<ServiceEntryObject.Allocated>> givenAddresses() {
    return hostAddresses.given();
  }

  /// All Gateways, as the waypoints they are or will be once they have an address.
  public Table<String, Waypoint> candidates() {
    return candidates;
  }

  /// Who will be bound to which waypoint once it has an address: a waypoint is configured before
  /// the first request may reach it.
  public Table<String, Binding> intendedBindings() {
    return intendedBindings;
  }

  /// The same for ServiceEntries.
  public Table<String, Binding> intendedEntryBindings() {
    return intendedEntryBindings;
  }

  /// Tables whose rows are Address resources.
  public List<Table<String, EncodedResource>> addressRows() {
    return List.of(services, workloads, workloadEntries);
  }

  /// Tables whose rows hold several Address resources.
  public List<Table<String, Map<String, EncodedResource>>> addressGroups() {
    return List.of(sliceWorkloads, serviceEntries);
  }

  /// Authorization resources, a row a policy.
  public Table<String, EncodedResource> authorizationRows() {
    return authorizations;
  }

  /// Authorization resources made from PeerAuthentications.
  public Table<String, Map<String, EncodedResource>> authorizationGroups() {
    return peerAuthorizations;
  }

  /// The PeerAuthentication that an Authorization resource of this name was made from.
  public Optional<PeerAuthenticationObject> peerAuthenticationOf(String resource) {
    return objects.peerAuthentications.rows().values().stream()
        .filter(policy -> PeerAuthentications.convertedName(policy).equals(resource))
        .findFirst();
  }

  /// What is odd about pods, in sentences.
  public Table<String, List<String>> podFindings() {
    return podFindings;
  }

  /// What the mesh's configuration asks for and does not get, in sentences.
  public Table<String, List<String>> meshFindings() {
    return meshFindings;
  }

  /// The mesh's configuration.
  public MeshConfigs meshConfigs() {
    return meshConfigs;
  }

  /// What other threads may ask about pods.
  public PodDirectory pods() {
    return pods;
  }
}
