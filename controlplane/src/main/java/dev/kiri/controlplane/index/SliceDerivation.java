package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.EndpointSliceObject;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.NetworkMode;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.proto.workload.PortList;
import dev.kiri.mesh.proto.workload.Workload;
import dev.kiri.mesh.proto.workload.WorkloadStatus;
import dev.kiri.mesh.proto.workload.WorkloadType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The endpoints of an EndpointSlice that are not pods, as workloads (controlplane.md 3.7).
final class SliceDerivation {
  private SliceDerivation() {}

  /// Resources by name.
  static Map<String, EncodedResource> derive(
      EndpointSliceObject slice, ObjectTables tables, MeshSettings settings, Reader reader) {
    Map<String, EncodedResource> out = new TreeMap<>();
    String namespace = slice.meta().namespace();
    ServiceObject service =
        slice.service().isEmpty()
            ? null
            : reader.get(tables.services, namespace + "/" + slice.service());
    if (!slice.ip() || service == null) {
      return out;
    }
    String key = namespace + "/" + settings.hostname(namespace, service.meta().name());
    PortList ports = ports(slice, service);
    String network = ServiceDerivation.network(tables, settings, reader);
    for (EndpointSliceObject.Endpoint endpoint : slice.endpoints()) {
      if (endpoint.isPod() || endpoint.addresses().isEmpty()) {
        continue;
      }
      String text = endpoint.addresses().getFirst();
      IpBlock ip = IpBlock.parse(text).filter(IpBlock::isSingle).orElse(null);
      String name =
          settings.clusterId()
              + "/discovery.k8s.io/EndpointSlice/"
              + namespace
              + "/"
              + slice.meta().name()
              + "/"
              + text;
      if (ip == null || out.containsKey(name)) {
        continue;
      }
      Workload workload =
          Workload.newBuilder()
              .setUid(name)
              .setName(slice.meta().name())
              .setNamespace(namespace)
              .setNetwork(network)
              .setClusterId(settings.clusterId())
              .setTrustDomain(WorkloadDerivation.elided(settings.trustDomain()))
              .setWorkloadType(WorkloadType.DEPLOYMENT)
              .setNetworkMode(NetworkMode.HOST_NETWORK)
              .setStatus(endpoint.ready() ? WorkloadStatus.HEALTHY : WorkloadStatus.UNHEALTHY)
              .addAddresses(Encoding.bytes(ip.address()))
              .putServices(key, ports)
              .build();
      out.put(
          name,
          EncodedResource.of(
              WellKnown.ADDRESS_TYPE,
              name,
              Address.newBuilder().setWorkload(workload).build(),
              List.of(),
              Set.of(key),
              ""));
    }
    return out;
  }

  private static PortList ports(EndpointSliceObject slice, ServiceObject service) {
    PortList.Builder out = PortList.newBuilder();
    for (ServiceObject.Port port : service.ports()) {
      for (EndpointSliceObject.Port target : slice.ports()) {
        if (target.name().equals(port.name())) {
          out.addPorts(Port.newBuilder().setServicePort(port.port()).setTargetPort(target.port()));
          break;
        }
      }
    }
    return out.build();
  }
}
