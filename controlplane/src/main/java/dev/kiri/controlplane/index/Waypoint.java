package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.GatewayClassObject;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.LabelSelector;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.mesh.proto.workload.GatewayAddress;
import dev.kiri.mesh.proto.workload.NamespacedHostname;
import dev.kiri.mesh.proto.workload.NetworkAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Gateway that can be used as a waypoint: one of any class whose status has an address
/// (controlplane.md 5.1).
///
/// @param address where traffic is sent
/// @param trafficType `service`, `workload`, `all` or `none`
/// @param from which namespaces may use it: `Same`, `All` or `Selector`
public record Waypoint(
    String namespace,
    String name,
    GatewayAddress address,
    String trafficType,
    @Nullable InboundBinding inbound,
    String from,
    LabelSelector fromSelector) {
  /// Where waypoints take tunnels.
  public static final int HBONE_PORT = 15008;

  /// How ztunnel hands traffic to a waypoint that has no HBONE of its own; port 0 is none.
  public record InboundBinding(boolean proxyProtocol, int port) {}

  /// `namespace/name`.
  public String path() {
    return namespace + "/" + name;
  }

  boolean serves(String kind) {
    return trafficType.equals("all") || trafficType.equals(kind);
  }

  boolean admits(String consumerNamespace, @Nullable NamespaceObject consumer) {
    if (consumerNamespace.equals(namespace)) {
      return true;
    }
    return switch (from) {
      case "All" -> true;
      case "Selector" -> consumer != null && fromSelector.matches(consumer.meta().labels());
      default -> false;
    };
  }

  static @Nullable Waypoint of(
      GatewayObject gateway, ObjectTables tables, String network, Reader reader) {
    GatewayAddress address = address(gateway, network);
    return address == null ? null : with(address, gateway, tables, reader);
  }

  /// The waypoint a Gateway is or will be, with or without an address.
  static Waypoint candidate(GatewayObject gateway, ObjectTables tables, Reader reader) {
    return with(GatewayAddress.getDefaultInstance(), gateway, tables, reader);
  }

  private static Waypoint with(
      GatewayAddress address, GatewayObject gateway, ObjectTables tables, Reader reader) {
    GatewayClassObject gatewayClass = reader.get(tables.gatewayClasses, gateway.className());
    Map<String, String> classLabels =
        gatewayClass == null ? Map.of() : gatewayClass.meta().labels();
    Map<String, String> classAnnotations =
        gatewayClass == null ? Map.of() : gatewayClass.meta().annotations();
    String type =
        gateway
            .meta()
            .labels()
            .getOrDefault(
                WellKnown.WAYPOINT_FOR,
                classLabels.getOrDefault(WellKnown.WAYPOINT_FOR, "service"));
    InboundBinding inbound =
        binding(
            gateway
                .meta()
                .annotations()
                .getOrDefault(
                    WellKnown.INBOUND_BINDING,
                    classAnnotations.getOrDefault(WellKnown.INBOUND_BINDING, "")));
    GatewayObject.Listener listener = admitting(gateway, inbound);
    return new Waypoint(
        gateway.meta().namespace(),
        gateway.meta().name(),
        address,
        type,
        inbound,
        listener == null ? "Same" : listener.from(),
        listener == null
            ? new LabelSelector(Map.of(), java.util.List.of())
            : listener.fromSelector());
  }

  private static @Nullable GatewayAddress address(GatewayObject gateway, String network) {
    for (GatewayObject.Address address : gateway.statusAddresses()) {
      if (address.type().equals("Hostname")) {
        return GatewayAddress.newBuilder()
            .setHostname(
                NamespacedHostname.newBuilder()
                    .setNamespace(gateway.meta().namespace())
                    .setHostname(address.value()))
            .setHboneMtlsPort(HBONE_PORT)
            .build();
      }
    }
    for (GatewayObject.Address address : gateway.statusAddresses()) {
      var ip = IpBlock.parse(address.value());
      if (address.type().equals("IPAddress") && ip.isPresent()) {
        return GatewayAddress.newBuilder()
            .setAddress(
                NetworkAddress.newBuilder()
                    .setNetwork(network)
                    .setAddress(Encoding.bytes(ip.get().address())))
            .setHboneMtlsPort(HBONE_PORT)
            .build();
      }
    }
    return null;
  }

  private static @Nullable InboundBinding binding(String text) {
    String[] parts = text.split("/", 2);
    if (!parts[0].equals("NONE") && !parts[0].equals("PROXY")) {
      return null;
    }
    int port = 0;
    if (parts.length == 2) {
      try {
        port = Integer.parseInt(parts[1]);
      } catch (NumberFormatException e) {
        return null;
      }
    }
    return new InboundBinding(parts[0].equals("PROXY"), port);
  }

  /// The listener whose `allowedRoutes` speak for the waypoint (controlplane.md 5.2).
  private static GatewayObject.@Nullable Listener admitting(
      GatewayObject gateway, @Nullable InboundBinding inbound) {
    for (GatewayObject.Listener listener : gateway.listeners()) {
      boolean fits;
      if (inbound != null && inbound.port() != 0) {
        fits = listener.port() == inbound.port();
      } else if (inbound != null && inbound.proxyProtocol()) {
        fits = listener.protocol().equals("istio.io/PROXY");
      } else {
        fits = listener.protocol().equals("HBONE") && listener.port() == HBONE_PORT;
      }
      if (fits) {
        return listener;
      }
    }
    return null;
  }
}
