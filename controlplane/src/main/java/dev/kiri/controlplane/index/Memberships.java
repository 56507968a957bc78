package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.EndpointSliceObject;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.proto.workload.PortList;
import java.util.Map;
import java.util.TreeMap;

/// Which services a pod belongs to, and under which ports (controlplane.md 3.3).
final class Memberships {
  private Memberships() {}

  /// Port lists by `namespace/hostname`.
  static Map<String, PortList> of(
      PodObject pod, ObjectTables tables, MeshSettings settings, Reader reader) {
    Map<String, PortList> memberships = new TreeMap<>();
    String namespace = pod.meta().namespace();
    for (ServiceObject service :
        Selection.selecting(
            reader,
            tables.servicesBySelector,
            ServiceObject::selector,
            namespace,
            pod.meta().labels())) {
      add(memberships, service, pod, settings);
    }
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
          add(memberships, service, pod, settings);
        }
      }
    }
    return memberships;
  }

  private static void add(
      Map<String, PortList> to, ServiceObject service, PodObject pod, MeshSettings settings) {
    if (service.type().equals("ExternalName")) {
      return;
    }
    PortList.Builder ports = PortList.newBuilder();
    for (ServiceObject.Port port : service.ports()) {
      int target = port.targetNumber();
      String named = port.targetName();
      if (named != null) {
        target = pod.tcpPorts().getOrDefault(named, 0);
        if (target == 0) {
          continue;
        }
      }
      ports.addPorts(Port.newBuilder().setServicePort(port.port()).setTargetPort(target));
    }
    String hostname = settings.hostname(service.meta().namespace(), service.meta().name());
    to.put(service.meta().namespace() + "/" + hostname, ports.build());
  }
}
