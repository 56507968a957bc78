package dev.kiri.mesh.file;

import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.ServiceKey;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;

/// The notations of addresses, names and ports that objects of a file have in common.
final class Addresses {
  private Addresses() {}

  /// `network/ip`, or `/ip` in the default network.
  static NetworkAddress networkAddress(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("expected network/ip, or /ip for the default network");
    }
    return new NetworkAddress(
        text.substring(0, slash), InetAddress.ofLiteral(text.substring(slash + 1)));
  }

  static ServiceKey serviceKey(String text) {
    return ServiceKey.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("expected namespace/hostname"));
  }

  static GatewayAddress gateway(Fields fields) throws InvalidMeshFile {
    String destination = fields.text("destination");
    int port = fields.number("hboneMtlsPort", 15008);
    int slash = destination.indexOf('/');
    try {
      return new GatewayAddress.ByAddress(
          new NetworkAddress(
              slash < 0 ? "" : destination.substring(0, slash),
              InetAddress.ofLiteral(destination.substring(slash + 1))),
          port);
    } catch (IllegalArgumentException noAddress) {
      var host = ServiceKey.parse(destination);
      if (host.isEmpty()) {
        throw new InvalidMeshFile(
            "gateway `" + destination + "`: expected network/ip or namespace/hostname");
      }
      return new GatewayAddress.ByHostname(host.get(), port);
    }
  }

  static PortMap ports(Node node, String path) throws InvalidMeshFile {
    return ports(
        Fields.map(node, path, (each, where) -> Fields.value(each, where, Fields::number)), path);
  }

  static PortMap ports(Map<String, Integer> written, String path) throws InvalidMeshFile {
    var ports = new HashMap<Integer, Integer>();
    try {
      written.forEach((port, target) -> ports.put(Fields.number(port), target));
      return PortMap.of(ports);
    } catch (IllegalArgumentException bad) {
      throw new InvalidMeshFile(path + ": " + bad.getMessage());
    }
  }
}
