package dev.kiri.mesh.testing;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kiri.mesh.proto.discovery.Resource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.NetworkAddress;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.proto.workload.PortList;
import dev.kiri.mesh.proto.workload.Service;
import dev.kiri.mesh.proto.workload.TunnelProtocol;
import dev.kiri.mesh.proto.workload.Workload;
import java.net.InetAddress;

/// Short ways to write messages of the wire in tests.
public final class Wire {
  private Wire() {}

  public static ByteString ip(String literal) {
    return ByteString.copyFrom(InetAddress.ofLiteral(literal).getAddress());
  }

  /// A captured pod of cluster `Kubernetes` with one address.
  public static Workload.Builder pod(String namespace, String name, String ip) {
    return Workload.newBuilder()
        .setUid("Kubernetes//Pod/" + namespace + "/" + name)
        .setName(name)
        .setNamespace(namespace)
        .setServiceAccount(name)
        .setTunnelProtocol(TunnelProtocol.HBONE)
        .addAddresses(ip(ip));
  }

  /// A service `name.namespace.svc.cluster.local` with one virtual address and one port.
  public static Service.Builder service(
      String namespace, String name, String vip, int port, int target) {
    return Service.newBuilder()
        .setName(name)
        .setNamespace(namespace)
        .setHostname(host(namespace, name))
        .addAddresses(NetworkAddress.newBuilder().setAddress(ip(vip)))
        .addPorts(port(port, target))
        .setCanonical(true);
  }

  public static String host(String namespace, String name) {
    return name + "." + namespace + ".svc.cluster.local";
  }

  public static Port.Builder port(int port, int target) {
    return Port.newBuilder().setServicePort(port).setTargetPort(target);
  }

  public static PortList ports(int port, int target) {
    return PortList.newBuilder().addPorts(port(port, target)).build();
  }

  public static Address address(Workload.Builder workload) {
    return Address.newBuilder().setWorkload(workload).build();
  }

  public static Address address(Service.Builder service) {
    return Address.newBuilder().setService(service).build();
  }

  /// A resource under the name upstream would give it.
  public static Resource resource(Address address, String version) {
    String name =
        address.hasWorkload()
            ? address.getWorkload().getUid()
            : address.getService().getNamespace() + "/" + address.getService().getHostname();
    return resource("type.googleapis.com/istio.workload.Address", name, version, address);
  }

  public static Resource resource(
      String typeUrl, String name, String version, MessageLite message) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion(version)
        .setResource(Any.newBuilder().setTypeUrl(typeUrl).setValue(message.toByteString()))
        .build();
  }
}
