package dev.kiri.mesh.store;

import dev.kiri.mesh.policy.ApplicablePolicies;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What was known of the mesh at one moment. Immutable and safe to share; lookups take no lock.
///
/// A decision takes one snapshot and uses it to its end. Lists for dumps are made anew by each
/// call.
public final class MeshSnapshot {
  private final WorkloadTable workloads;
  private final ServiceTable services;
  private final PolicyTable policies;

  MeshSnapshot(WorkloadTable workloads, ServiceTable services, PolicyTable policies) {
    this.workloads = workloads;
    this.services = services;
    this.policies = policies;
  }

  /// Nothing known, and every workload counted as the own node's.
  public static MeshSnapshot empty() {
    return empty(null);
  }

  static MeshSnapshot empty(@Nullable String node) {
    return new MeshSnapshot(WorkloadTable.empty(node), ServiceTable.EMPTY, PolicyTable.EMPTY);
  }

  public @Nullable Workload workload(String uid) {
    return workloads.byUid().get(uid);
  }

  /// The workload that owns an address. Of several: pods before others, captured before others,
  /// the newest.
  public @Nullable Workload workloadByAddress(String network, InetAddress address) {
    return workloads.at(new NetworkAddress(network, address));
  }

  /// The workload that carries this hostname of its own (not that of a service).
  public @Nullable Workload workloadByHostname(ServiceKey host) {
    return workloads.withHostname(host);
  }

  /// The service that owns a virtual address: exactly, else by the narrowest range.
  ///
  /// @param clientNamespace decides who wins and what is visible; null: not known, all is visible
  public @Nullable Service serviceByAddress(
      String network, InetAddress address, @Nullable String clientNamespace) {
    return services.at(new NetworkAddress(network, address), clientNamespace);
  }

  public @Nullable Service service(ServiceKey key) {
    return services.slot(key).service();
  }

  /// The service a client gets for a hostname: its own namespace's, else a canonical one, else
  /// that of the preferred namespace, else the first seen.
  public @Nullable Service serviceByHostname(
      String hostname, @Nullable String clientNamespace, @Nullable String preferredNamespace) {
    return ServiceRanking.best(servicesByHostname(hostname), clientNamespace, preferredNamespace);
  }

  /// The same among those that suit.
  public @Nullable Service serviceByHostname(
      String hostname,
      @Nullable String clientNamespace,
      @Nullable String preferredNamespace,
      Predicate<Service> suits) {
    var suitable = servicesByHostname(hostname);
    if (!suitable.isEmpty()) { // most names are no service's
      suitable = suitable.stream().filter(suits).toList();
    }
    return ServiceRanking.best(suitable, clientNamespace, preferredNamespace);
  }

  /// All services with this exact hostname, one a namespace, the first seen first.
  public List<Service> servicesByHostname(String hostname) {
    return OneOrMany.list(services.byHostname().get(hostname));
  }

  /// The endpoints of a service, unhealthy ones too; also of a service that is not known yet.
  public List<Endpoint> endpoints(ServiceKey key) {
    return services.slot(key).endpoints();
  }

  /// The policies that decide about connections to a workload.
  public ApplicablePolicies policiesFor(Workload workload) {
    return policies.of(workload);
  }

  public @Nullable L4Policy policy(String key) {
    return policies.byKey().get(key);
  }

  /// The own node's workload for a pod known by other means.
  public @Nullable Workload findLocal(String name, String namespace, String serviceAccount) {
    return workloads.local(name, namespace, serviceAccount);
  }

  /// The workloads of the own node, in no order.
  public List<Workload> localWorkloads() {
    return workloads.allLocal();
  }

  public int workloadCount() {
    return workloads.byUid().size();
  }

  /// All workloads, by uid.
  public List<Workload> workloads() {
    return sorted(workloads.byUid().values(), Comparator.comparing(Workload::uid));
  }

  /// All services, by hostname and namespace.
  public List<Service> services() {
    var known = new ArrayList<Service>();
    services
        .slots()
        .forEach(
            (_, slot) -> {
              var service = slot.service();
              if (service != null) {
                known.add(service);
              }
            });
    return sorted(known, Comparator.comparing(Service::hostname).thenComparing(Service::namespace));
  }

  /// All policies, by key.
  public List<L4Policy> policies() {
    return sorted(policies.byKey().values(), Comparator.comparing(L4Policy::key));
  }

  /// Endpoints that wait for their service, by `namespace/hostname`.
  public SortedMap<String, List<Endpoint>> staged() {
    var staged = new TreeMap<String, List<Endpoint>>();
    services
        .slots()
        .forEach(
            (key, slot) -> {
              if (slot.service() == null) {
                staged.put(key.toString(), slot.endpoints());
              }
            });
    return staged;
  }

  private static <T> List<T> sorted(List<T> values, Comparator<T> order) {
    values.sort(order);
    return values;
  }

  /// A batch of changes to this snapshot. For one thread.
  Editor edit() {
    return new Editor(this);
  }

  static final class Editor {
    final WorkloadTable.Editor workloads;
    final ServiceTable.Editor services;
    final PolicyTable.Editor policies;

    private Editor(MeshSnapshot origin) {
      workloads = origin.workloads.edit();
      services = origin.services.edit();
      policies = origin.policies.edit();
    }

    MeshSnapshot done() {
      return new MeshSnapshot(workloads.done(), services.done(), policies.done());
    }
  }
}
