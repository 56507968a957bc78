package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.kinds.WorkloadEndpoint;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which objects name an address: pods and Services, whose addresses the cluster gives out, and
/// entries, whose addresses their authors choose. Entries without a host publish nothing and claim
/// nothing. Stateless apart from its tables.
final class AddressClaims {
  private final ObjectTables tables;
  private final Table<String, Map<String, HostClaim>> hosts;
  private final MeshSettings settings;

  AddressClaims(
      ObjectTables tables, Table<String, Map<String, HostClaim>> hosts, MeshSettings settings) {
    this.tables = tables;
    this.hosts = hosts;
    this.settings = settings;
  }

  /// The network of the cluster.
  String home(Reader reader) {
    return ServiceDerivation.network(tables, settings, reader);
  }

  /// The network an endpoint is in.
  static String network(WorkloadEndpoint endpoint, String home) {
    return endpoint.network().isEmpty() ? home : endpoint.network();
  }

  /// The pod, or else the Service, that the cluster has given an address of its own network.
  @Nullable MeshObject given(InetAddress address, Reader reader) {
    String key = Encoding.sortable(address);
    Collection<PodObject> pods = reader.find(tables.podsByAddress, key);
    if (!pods.isEmpty()) {
      return pods.iterator().next();
    }
    Collection<ServiceObject> services = reader.find(tables.servicesByAddress, key);
    return services.isEmpty() ? null : services.iterator().next();
  }

  /// The pods within a block.
  Stream<PodObject> pods(IpBlock block, Reader reader) {
    return reader.within(
        tables.podsByAddress, Encoding.sortable(block.first()), Encoding.sortable(block.last()));
  }

  /// Entries with an endpoint within a block of a network.
  Stream<MeshObject> endpoints(IpBlock block, String network, String home, Reader reader) {
    String low = Encoding.sortable(block.first());
    String high = Encoding.sortable(block.last());
    return Stream.concat(
        reader
            .within(tables.workloadEntriesByAddress, low, high)
            .filter(entry -> network(entry.endpoint(), home).equals(network)),
        reader
            .within(tables.serviceEntriesByAddress, low, high)
            .filter(
                entry ->
                    entry.endpoints().stream().anyMatch(e -> isIn(block, network, e, home))
                        && publishes(entry, reader)));
  }

  /// ServiceEntries with just this block among their virtual addresses.
  Stream<ServiceEntryObject> virtual(IpBlock block, Reader reader) {
    return reader.find(tables.serviceEntriesByBlock, block.text()).stream()
        .filter(entry -> publishes(entry, reader));
  }

  /// Whether everyone who means one of an entry's hosts outside the entry's own namespace means
  /// that of another entry.
  boolean isCopy(ServiceEntryObject entry, ServiceEntryObject of, Reader reader) {
    Map<String, HostClaim> originals = reader.get(hosts, of.key().path());
    Map<String, HostClaim> copies = reader.get(hosts, entry.key().path());
    return originals != null
        && copies != null
        && copies.entrySet().stream()
            .filter(copy -> copy.getValue() instanceof HostClaim.Held)
            .allMatch(
                copy ->
                    originals.get(copy.getKey()) instanceof HostClaim.Held(boolean canonical)
                        && canonical);
  }

  private static boolean isIn(
      IpBlock block, String network, WorkloadEndpoint endpoint, String home) {
    InetAddress ip = endpoint.ip();
    return ip != null && block.contains(ip) && network(endpoint, home).equals(network);
  }

  private boolean publishes(ServiceEntryObject entry, Reader reader) {
    Map<String, HostClaim> claims = reader.get(hosts, entry.key().path());
    return claims != null && claims.values().stream().anyMatch(HostClaim.Held.class::isInstance);
  }
}
