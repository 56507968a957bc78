package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.EndpointSliceObject;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.kinds.WorkloadEntryObject;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.proto.workload.PortList;
import java.util.Map;
import java.util.TreeMap;

/// Which services a pod or a WorkloadEntry belongs to, and under which ports (controlplane.md 3.3,
/// 3.5). Stateless apart from its tables.
final class Memberships {
  private final ObjectTables tables;
  private final Table<String, Map<String, HostClaim>> claims;
  private final MeshSettings settings;

  Memberships(
      ObjectTables tables, Table<String, Map<String, HostClaim>> claims, MeshSettings settings) {
    this.tables = tables;
    this.claims = claims;
    this.settings = settings;
  }

  /// Port lists of a pod by `namespace/hostname`.
  Map<String, PortList> of(PodObject pod, Reader reader) {
    Map<String, PortList> memberships = new TreeMap<>();
    String namespace = pod.meta().namespace();
    selecting(memberships, namespace, pod.meta().labels(), Map.of(), pod.tcpPorts(), reader);
    for (EndpointSliceObject slice :
        reader.find(tables.slicesByPod, namespace + "/" + pod.meta().name())) {
      boolean same =
          slice.endpoints().stream()
              .anyMatch(
                  e ->
                      e.podName().equals(pod.meta().name()) && e.podUid().equals(pod.meta().uid()));
      if (same && !slice.service().isEmpty()) {
        ServiceObject service = reader.get(tables.services, namespace + "/" + slice.service());
        if (service != null && service.selector().isEmpty()) {
          add(memberships, service, Map.of(), pod.tcpPorts());
        }
      }
    }
    return memberships;
  }

  /// Port lists of a WorkloadEntry by `namespace/hostname`.
  Map<String, PortList> of(WorkloadEntryObject entry, Reader reader) {
    Map<String, PortList> memberships = new TreeMap<>();
    Map<String, Integer> ports = entry.endpoint().ports();
    selecting(memberships, entry.meta().namespace(), entry.labels(), ports, ports, reader);
    return memberships;
  }

  /// @param overrides workload ports by the name of the service port
  /// @param named workload ports by the name that a service's target or an entry's port has
  private void selecting(
      Map<String, PortList> to,
      String namespace,
      Map<String, String> labels,
      Map<String, Integer> overrides,
      Map<String, Integer> named,
      Reader reader) {
    for (ServiceEntryObject entry :
        Selection.selecting(
            reader,
            tables.serviceEntriesBySelector,
            ServiceEntryObject::selector,
            namespace,
            labels)) {
      Map<String, HostClaim> hosts = reader.get(claims, entry.key().path());
      if (hosts != null) {
        hosts.forEach(
            (host, claim) -> {
              if (claim instanceof HostClaim.Held) {
                to.put(namespace + "/" + host, ports(entry, named));
              }
            });
      }
    }
    for (ServiceObject service :
        Selection.selecting(
            reader, tables.servicesBySelector, ServiceObject::selector, namespace, labels)) {
      add(to, service, overrides, named);
    }
  }

  /// The ports of an entry for a workload that has ports of these names.
  static PortList ports(ServiceEntryObject entry, Map<String, Integer> named) {
    PortList.Builder ports = PortList.newBuilder();
    for (ServiceEntryObject.Port port : entry.ports()) {
      ports.addPorts(
          Port.newBuilder()
              .setServicePort(port.number())
              .setTargetPort(named.getOrDefault(port.name(), port.target())));
    }
    return ports.build();
  }

  private void add(
      Map<String, PortList> to,
      ServiceObject service,
      Map<String, Integer> overrides,
      Map<String, Integer> named) {
    if (service.type().equals("ExternalName")) {
      return;
    }
    PortList.Builder ports = PortList.newBuilder();
    for (ServiceObject.Port port : service.ports()) {
      String name = port.targetName();
      int target =
          name == null
              ? overrides.getOrDefault(port.name(), port.targetNumber())
              : named.getOrDefault(name, 0);
      if (target > 0) {
        ports.addPorts(Port.newBuilder().setServicePort(port.port()).setTargetPort(target));
      }
    }
    String hostname = settings.hostname(service.meta().namespace(), service.meta().name());
    to.put(service.meta().namespace() + "/" + hostname, ports.build());
  }
}
