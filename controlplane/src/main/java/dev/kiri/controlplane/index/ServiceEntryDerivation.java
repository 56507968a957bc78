package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.MeshConfig;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Allocated;
import dev.kiri.controlplane.kinds.ServiceEntryObject.Resolution;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.LoadBalancing;
import dev.kiri.mesh.proto.workload.NetworkAddress;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.proto.workload.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A ServiceEntry as proxies see it: a service for each host it has (controlplane.md 4.2), and the
/// workloads written into it (3.6). Stateless apart from its tables.
final class ServiceEntryDerivation {
  private final ObjectTables tables;
  private final Table<String, Map<String, HostClaim>> claims;
  private final Table<String, Binding> bindings;
  private final Table<String, List<Allocated>> given;
  private final EntryAddresses owners;
  private final EntryWorkloads workloads;
  private final MeshConfigs mesh;
  private final MeshSettings settings;

  ServiceEntryDerivation(
      ObjectTables tables,
      Table<String, Map<String, HostClaim>> claims,
      Table<String, Binding> bindings,
      Table<String, List<Allocated>> given,
      EntryAddresses owners,
      EntryWorkloads workloads,
      MeshConfigs mesh,
      MeshSettings settings) {
    this.tables = tables;
    this.claims = claims;
    this.bindings = bindings;
    this.given = given;
    this.owners = owners;
    this.workloads = workloads;
    this.mesh = mesh;
    this.settings = settings;
  }

  /// Resources by name.
  Map<String, EncodedResource> derive(String path, ServiceEntryObject entry, Reader reader) {
    Map<String, EncodedResource> out = new TreeMap<>();
    Map<String, HostClaim> held = reader.get(claims, path);
    if (held == null) {
      return out;
    }
    List<String> hosts = new ArrayList<>();
    for (var claim : held.entrySet()) {
      if (claim.getValue() instanceof HostClaim.Held(boolean canonical)) {
        hosts.add(claim.getKey());
        EncodedResource service = service(path, entry, claim.getKey(), canonical, reader);
        out.put(service.name(), service);
      }
    }
    if (!hosts.isEmpty()) {
      for (EncodedResource workload : workloads.written(entry, hosts, reader)) {
        out.putIfAbsent(workload.name(), workload);
      }
    }
    return out;
  }

  private EncodedResource service(
      String path, ServiceEntryObject entry, String host, boolean canonical, Reader reader) {
    String network = ServiceDerivation.network(tables, settings, reader);
    NamespaceObject namespace = reader.get(tables.namespaces, entry.meta().namespace());
    Service.Builder out =
        Service.newBuilder()
            .setName(entry.meta().name())
            .setNamespace(entry.meta().namespace())
            .setHostname(host)
            .setCanonical(canonical)
            .setVisibility(
                mesh.visibility(entry, reader) == MeshConfig.Visibility.NAMESPACE
                    ? Service.Visibility.NAMESPACE
                    : Service.Visibility.PUBLIC)
            .setIngressUseWaypoint(ServiceDerivation.ingress(entry.meta(), namespace))
            .addAllSubjectAltNames(entry.subjectAltNames());
    List<String> aliases = new ArrayList<>();
    for (IpBlock block : addresses(entry, host, reader)) {
      NetworkAddress.Builder address =
          NetworkAddress.newBuilder().setNetwork(network).setAddress(Encoding.bytes(block.first()));
      if (!block.isSingle()) {
        address.setLength(block.length());
      }
      out.addAddresses(address);
      aliases.add(network + "/" + block.text());
    }
    for (ServiceEntryObject.Port port : entry.ports()) {
      out.addPorts(
          Port.newBuilder()
              .setServicePort(port.number())
              .setTargetPort(port.target())
              .setAppProtocol(ServiceDerivation.protocol(port.protocol(), port.number())));
    }
    LoadBalancing balancing = balancing(entry, namespace);
    if (balancing != null) {
      out.setLoadBalancing(balancing);
    }
    ServiceDerivation.waypoints(out, reader.get(bindings, path));
    return EncodedResource.of(
        WellKnown.ADDRESS_TYPE,
        entry.meta().namespace() + "/" + host,
        Address.newBuilder().setService(out).build(),
        aliases,
        Set.of(),
        "");
  }

  /// The user's addresses, without those of somebody else, or those given to the host where there
  /// are none.
  private List<IpBlock> addresses(ServiceEntryObject entry, String host, Reader reader) {
    if (!entry.addresses().isEmpty()) {
      Set<String> ofOthers = owners.virtualOfOthers(entry, reader);
      return entry.addresses().stream().filter(block -> !ofOthers.contains(block.text())).toList();
    }
    List<Allocated> addresses = reader.get(given, entry.key().path());
    return addresses == null
        ? List.of()
        : addresses.stream()
            .filter(one -> one.host().equals(host))
            .map(Allocated::address)
            .toList();
  }

  private static @Nullable LoadBalancing balancing(
      ServiceEntryObject entry, @Nullable NamespaceObject namespace) {
    LoadBalancing.Builder out = LoadBalancing.newBuilder();
    if (entry.resolution() == Resolution.NONE) {
      return out.setMode(LoadBalancing.Mode.PASSTHROUGH)
          .setHealthPolicy(LoadBalancing.HealthPolicy.ALLOW_ALL)
          .build();
    }
    String distribution = ServiceDerivation.distribution(entry.meta(), namespace);
    return ServiceDerivation.prefer(out, distribution) ? out.build() : null;
  }
}
