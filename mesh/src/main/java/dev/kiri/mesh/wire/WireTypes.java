package dev.kiri.mesh.wire;

import com.google.protobuf.ByteString;
import dev.kiri.mesh.proto.workload.GatewayAddress.DestinationCase;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.ServiceKey;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The small types that workloads and services have in common. For one thread, because of
/// [Shared].
final class WireTypes {
  private final Shared shared;

  WireTypes(Shared shared) {
    this.shared = shared;
  }

  String text(String value) {
    return value.isEmpty() ? "" : shared.of(value);
  }

  String text(String value, String whenEmpty) {
    return value.isEmpty() ? whenEmpty : shared.of(value);
  }

  <T> T share(T value) {
    return shared.of(value);
  }

  static InetAddress address(ByteString bytes) throws InvalidResource {
    if (bytes.size() != 4 && bytes.size() != 16) {
      throw new InvalidResource("invalid ip address: " + bytes.size() + " bytes, expected 4 or 16");
    }
    try {
      return InetAddress.getByAddress(bytes.toByteArray());
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  NetworkAddress address(dev.kiri.mesh.proto.workload.NetworkAddress wire) throws InvalidResource {
    return new NetworkAddress(text(wire.getNetwork()), address(wire.getAddress()));
  }

  GatewayAddress gateway(dev.kiri.mesh.proto.workload.GatewayAddress wire) throws InvalidResource {
    int port = port(wire.getHboneMtlsPort());
    return share(
        switch (wire.getDestinationCase()) {
          case DestinationCase.HOSTNAME ->
              new GatewayAddress.ByHostname(
                  new ServiceKey(
                      text(wire.getHostname().getNamespace()),
                      text(wire.getHostname().getHostname())),
                  port);
          case DestinationCase.ADDRESS ->
              new GatewayAddress.ByAddress(address(wire.getAddress()), port);
          case DestinationCase.DESTINATION_NOT_SET ->
              throw new InvalidResource("nonempty gateway address is missing address");
        });
  }

  /// Ports are 16 bits wide, however many were sent; of two targets for one port the last holds.
  PortMap ports(List<Port> wire) {
    Map<Integer, Integer> ports = new HashMap<>();
    for (var each : wire) {
      ports.put(port(each.getServicePort()), port(each.getTargetPort()));
    }
    return share(PortMap.of(ports));
  }

  static int port(int wire) {
    return wire & 0xffff;
  }

  static InvalidResource unknownEnum(String what, int number) {
    return new InvalidResource("unknown enum: " + what + " " + number);
  }
}
