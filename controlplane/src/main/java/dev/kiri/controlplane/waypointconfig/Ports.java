package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.waypoint.config.v1.Protocol;
import java.util.Locale;
import java.util.Set;

/// The declared protocol of a service port (gateway-api.md 10.2).
final class Ports {
  /// Server-first protocols by their well-known port, as upstream has them.
  private static final Set<Integer> SERVER_FIRST = Set.of(25, 53, 3306, 27017);

  private Ports() {}

  static Protocol protocol(ServiceObject.Port port) {
    if (!port.protocol().equals("TCP")) {
      return Protocol.TCP;
    }
    String said = port.appProtocol();
    return protocol(said == null ? prefix(port.name()) : said, port.port());
  }

  static Protocol protocol(ServiceEntryObject.Port port) {
    return protocol(
        port.protocol().isEmpty() ? prefix(port.name()) : port.protocol(), port.number());
  }

  private static String prefix(String name) {
    int dash = name.indexOf('-');
    return name.startsWith("grpc-web") ? "grpc-web" : dash < 0 ? name : name.substring(0, dash);
  }

  private static Protocol protocol(String text, int port) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "http", "http_proxy", "kubernetes.io/ws" -> Protocol.HTTP;
      case "http2", "kubernetes.io/h2c" -> Protocol.HTTP2;
      case "grpc" -> Protocol.GRPC;
      case "grpc-web" -> Protocol.GRPC_WEB;
      case "https", "tls", "kubernetes.io/wss" -> Protocol.TLS;
      case "tcp", "mongo", "mysql", "redis" -> Protocol.TCP;
      default -> SERVER_FIRST.contains(port) ? Protocol.TCP : Protocol.PROTOCOL_UNSPECIFIED;
    };
  }
}
