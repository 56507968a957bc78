package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.kinds.WorkloadEndpoint;
import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who an address belongs to when a WorkloadEntry or an endpoint of a ServiceEntry names it too: a
/// pod, then a Service that has it as its virtual address, then the oldest entry. Whoever may write
/// entries in one namespace must not be able to draw traffic that others send to an address of
/// their own. Stateless apart from its tables.
final class AddressOwners {
  private static final Comparator<MeshObject> AGE =
      Comparator.comparing((MeshObject entry) -> entry.meta().created())
          .thenComparing(MeshObject::key);

  private final ObjectTables tables;
  private final Table<String, Map<String, HostClaim>> claims;
  private final MeshSettings settings;

  AddressOwners(
      ObjectTables tables, Table<String, Map<String, HostClaim>> claims, MeshSettings settings) {
    this.tables = tables;
    this.claims = claims;
    this.settings = settings;
  }

  /// Addresses of an entry that belong to somebody else, with kind and name of the owner.
  Map<String, String> others(WorkloadEntryObject entry, Reader reader) {
    return others(entry, List.of(entry.endpoint()), reader);
  }

  /// Addresses of endpoints written into an entry that belong to somebody else, with kind and name
  /// of the owner.
  Map<String, String> others(ServiceEntryObject entry, Reader reader) {
    return others(entry, entry.endpoints(), reader);
  }

  private Map<String, String> others(
      MeshObject entry, List<WorkloadEndpoint> endpoints, Reader reader) {
    Map<String, String> owners = new TreeMap<>();
    String home = ServiceDerivation.network(tables, settings, reader);
    for (WorkloadEndpoint endpoint : endpoints) {
      InetAddress ip = endpoint.ip();
      MeshObject owner = ip == null ? null : owner(entry, endpoint, ip, home, reader);
      if (owner != null) {
        owners.put(endpoint.address(), owner.key().toString());
      }
    }
    return owners;
  }

  private @Nullable MeshObject owner(
      MeshObject entry, WorkloadEndpoint endpoint, InetAddress ip, String home, Reader reader) {
    String address = NetUtil.toAddressString(ip);
    String network = network(endpoint, home);
    if (network.equals(home)) {
      Collection<PodObject> pods = reader.find(tables.podsByAddress, address);
      if (!pods.isEmpty()) {
        return pods.iterator().next();
      }
      Collection<ServiceObject> services = reader.find(tables.servicesByAddress, address);
      if (!services.isEmpty()) {
        return services.iterator().next();
      }
    }
    List<MeshObject> entries = new ArrayList<>();
    for (WorkloadEntryObject other : reader.find(tables.workloadEntriesByAddress, address)) {
      if (network(other.endpoint(), home).equals(network)) {
        entries.add(other);
      }
    }
    for (ServiceEntryObject other : reader.find(tables.serviceEntriesByAddress, address)) {
      boolean there =
          other.endpoints().stream()
              .anyMatch(e -> ip.equals(e.ip()) && network(e, home).equals(network));
      if (there && publishes(other, reader)) {
        entries.add(other);
      }
    }
    return entries.stream().filter(other -> AGE.compare(other, entry) < 0).min(AGE).orElse(null);
  }

  /// Whether an entry has a host, and with it workloads.
  private boolean publishes(ServiceEntryObject entry, Reader reader) {
    Map<String, HostClaim> hosts = reader.get(claims, entry.key().path());
    return hosts != null && hosts.values().stream().anyMatch(HostClaim.Held.class::isInstance);
  }

  private static String network(WorkloadEndpoint endpoint, String home) {
    return endpoint.network().isEmpty() ? home : endpoint.network();
  }
}
