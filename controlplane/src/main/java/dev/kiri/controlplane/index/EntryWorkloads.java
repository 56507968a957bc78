package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.WorkloadEndpoint;
import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.Locality;
import dev.kiri.mesh.proto.workload.NetworkMode;
import dev.kiri.mesh.proto.workload.PortList;
import dev.kiri.mesh.proto.workload.Workload;
import dev.kiri.mesh.proto.workload.WorkloadStatus;
import dev.kiri.mesh.proto.workload.WorkloadType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Workloads outside Kubernetes: WorkloadEntries (controlplane.md 3.5) and what is written into
/// ServiceEntries (3.6). Stateless apart from its tables.
final class EntryWorkloads {
  private static final String GROUP = "istio.io/autoRegistrationGroup";

  private final ObjectTables tables;
  private final Binder binder;
  private final WorkloadDerivation pods;
  private final Memberships memberships;
  private final EntryAddresses addresses;
  private final MeshSettings settings;

  EntryWorkloads(
      ObjectTables tables,
      Binder binder,
      WorkloadDerivation pods,
      Memberships memberships,
      EntryAddresses addresses,
      MeshSettings settings) {
    this.tables = tables;
    this.binder = binder;
    this.pods = pods;
    this.memberships = memberships;
    this.addresses = addresses;
    this.settings = settings;
  }

  EncodedResource derive(WorkloadEntryObject entry, Reader reader) {
    Meta meta = entry.meta().withLabels(entry.labels());
    String name =
        meta.annotations()
            .getOrDefault(GROUP, meta.labels().getOrDefault(WellKnown.WORKLOAD_NAME, meta.name()));
    Workload.Builder out = common(meta, name, entry.endpoint(), reader);
    if (binder.workload(meta, reader) instanceof Binding.Bound(Waypoint waypoint, var _)) {
      out.setWaypoint(waypoint.address());
    }
    return encode(
        out,
        uid("WorkloadEntry", meta.namespace() + "/" + meta.name()),
        entry.endpoint(),
        addresses.ofOthers(entry, reader),
        memberships.of(entry, reader));
  }

  /// The endpoints of an entry, or a workload for each host that is resolved by name.
  List<EncodedResource> written(ServiceEntryObject entry, List<String> hosts, Reader reader) {
    List<EncodedResource> out = new ArrayList<>();
    Meta meta = entry.meta();
    Set<String> ofOthers = addresses.ofOthers(entry, reader);
    String prefix = meta.namespace() + "/" + meta.name() + "/";
    for (WorkloadEndpoint endpoint : entry.endpoints()) {
      Workload.Builder workload = common(meta, meta.name(), endpoint, reader);
      if (binder.workload(meta.withLabels(endpoint.labels()), reader)
          instanceof Binding.Bound(Waypoint waypoint, var _)) {
        workload.setWaypoint(waypoint.address());
      }
      Map<String, PortList> services = new TreeMap<>();
      for (String host : hosts) {
        services.put(meta.namespace() + "/" + host, Memberships.ports(entry, endpoint.ports()));
      }
      out.add(
          encode(
              workload,
              uid("ServiceEntry", prefix + endpoint.address()),
              endpoint,
              ofOthers,
              services));
    }
    if (entry.endpoints().isEmpty() && entry.selector().isEmpty() && entry.resolution().byName()) {
      for (String host : hosts) {
        WorkloadEndpoint implied = new WorkloadEndpoint(host, Map.of(), Map.of(), "", "", 0, "");
        out.add(
            encode(
                common(meta, meta.name(), implied, reader),
                uid("ServiceEntry", prefix + host),
                implied,
                Set.of(),
                Map.of(meta.namespace() + "/" + host, Memberships.ports(entry, Map.of()))));
      }
    }
    return out;
  }

  private String uid(String kind, String path) {
    return settings.clusterId() + "/networking.istio.io/" + kind + "/" + path;
  }

  private Workload.Builder common(
      Meta meta, String workloadName, WorkloadEndpoint endpoint, Reader reader) {
    Workload.Builder out =
        Workload.newBuilder()
            .setName(meta.name())
            .setNamespace(meta.namespace())
            .setNetwork(
                endpoint.network().isEmpty()
                    ? ServiceDerivation.network(tables, settings, reader)
                    : endpoint.network())
            .setTrustDomain(WorkloadDerivation.elided(settings.trustDomain()))
            .setServiceAccount(endpoint.serviceAccount())
            .setCanonicalName(WorkloadNames.canonicalName(meta.labels(), workloadName))
            .setCanonicalRevision(WorkloadNames.canonicalRevision(meta.labels()))
            .setWorkloadType(WorkloadType.POD)
            .setWorkloadName(workloadName)
            .setClusterId(settings.clusterId())
            .setStatus(WorkloadStatus.HEALTHY)
            .addAllAuthorizationPolicies(pods.policies(meta, reader));
    InetAddress ip = endpoint.ip();
    if (ip == null) {
      out.setHostname(endpoint.address());
    } else {
      out.addAddresses(Encoding.bytes(ip));
    }
    if (endpoint.weight() > 0) {
      out.setCapacity(com.google.protobuf.UInt32Value.of(endpoint.weight()));
    }
    WorkloadDerivation.tunnel(out, meta.labels(), meta.annotations());
    if (!endpoint.locality().isEmpty()) {
      String[] parts = endpoint.locality().split("/", 3);
      out.setLocality(
          Locality.newBuilder()
              .setRegion(parts[0])
              .setZone(parts.length > 1 ? parts[1] : "")
              .setSubzone(parts.length > 2 ? parts[2] : ""));
    }
    return out;
  }

  /// An address of somebody else is an endpoint of the entry's services, but nobody finds the
  /// workload by it: neither here by its alias, nor at a proxy, which reads `HOST_NETWORK` as "the
  /// address may be shared".
  private static EncodedResource encode(
      Workload.Builder workload,
      String uid,
      WorkloadEndpoint endpoint,
      Set<String> ofOthers,
      Map<String, PortList> services) {
    workload.setUid(uid).putAllServices(services);
    boolean shared = ofOthers.contains(endpoint.address());
    if (shared) {
      workload.setNetworkMode(NetworkMode.HOST_NETWORK);
    }
    InetAddress ip = endpoint.ip();
    return EncodedResource.of(
        WellKnown.ADDRESS_TYPE,
        uid,
        Address.newBuilder().setWorkload(workload).build(),
        ip == null || shared ? List.of() : List.of(Encoding.alias(workload.getNetwork(), ip)),
        services.keySet(),
        "");
  }
}
