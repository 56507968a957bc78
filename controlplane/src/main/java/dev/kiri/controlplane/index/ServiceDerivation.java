package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.AppProtocol;
import dev.kiri.mesh.proto.workload.IPFamilies;
import dev.kiri.mesh.proto.workload.LoadBalancing;
import dev.kiri.mesh.proto.workload.LoadBalancing.Scope;
import dev.kiri.mesh.proto.workload.NetworkAddress;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.proto.workload.Service;
import dev.kiri.mesh.proto.workload.WeightedWaypoint;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A Service object as proxies see it (controlplane.md 4.1, 4.3).
final class ServiceDerivation {
  private static final Set<Integer> SERVER_FIRST = Set.of(25, 53, 3306, 27017);

  private ServiceDerivation() {}

  static @Nullable EncodedResource derive(
      ServiceObject service,
      Binding binding,
      @Nullable NamespaceObject namespace,
      String network,
      MeshSettings settings) {
    if (service.type().equals("ExternalName")) {
      return null;
    }
    String hostname = settings.hostname(service.meta().namespace(), service.meta().name());
    Service.Builder out =
        Service.newBuilder()
            .setName(service.meta().name())
            .setNamespace(service.meta().namespace())
            .setHostname(hostname)
            .setIpFamilies(families(service))
            .setCanonical(true)
            .setIngressUseWaypoint(ingress(service.meta(), namespace));
    List<String> aliases = new ArrayList<>();
    for (InetAddress ip : service.clusterIps()) {
      out.addAddresses(
          NetworkAddress.newBuilder().setNetwork(network).setAddress(Encoding.bytes(ip)));
      aliases.add(Encoding.alias(network, ip));
    }
    for (ServiceObject.Port port : service.ports()) {
      out.addPorts(
          Port.newBuilder()
              .setServicePort(port.port())
              .setTargetPort(port.targetNumber())
              .setAppProtocol(protocol(port)));
    }
    LoadBalancing balancing = balancing(service, namespace);
    if (balancing != null) {
      out.setLoadBalancing(balancing);
    }
    waypoints(out, binding);
    return EncodedResource.of(
        WellKnown.ADDRESS_TYPE,
        service.meta().namespace() + "/" + hostname,
        Address.newBuilder().setService(out).build(),
        aliases,
        Set.of(),
        "");
  }

  static void waypoints(Service.Builder out, @Nullable Binding binding) {
    if (binding instanceof Binding.Bound(Waypoint first, Binding.Canary canary)) {
      out.setWaypoint(first.address());
      if (canary instanceof Binding.Canary.Attached(Waypoint second, int weight)) {
        out.addWeightedWaypoints(weighted(first, 100 - weight))
            .addWeightedWaypoints(weighted(second, weight));
      }
    }
  }

  private static WeightedWaypoint weighted(Waypoint waypoint, int weight) {
    return WeightedWaypoint.newBuilder()
        .setDestination(waypoint.address())
        .setWeight(weight)
        .build();
  }

  private static AppProtocol protocol(ServiceObject.Port port) {
    String text = port.appProtocol();
    if (text == null) {
      int dash = port.name().indexOf('-');
      text = dash < 0 ? port.name() : port.name().substring(0, dash);
    }
    return protocol(text, port.port());
  }

  static AppProtocol protocol(String text, int port) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "http", "kubernetes.io/ws" -> AppProtocol.HTTP11;
      case "http2", "kubernetes.io/h2c" -> AppProtocol.HTTP2;
      case "grpc" -> AppProtocol.GRPC;
      case "https", "tls", "kubernetes.io/wss" -> AppProtocol.TLS;
      case "tcp" -> AppProtocol.TCP;
      case "" -> SERVER_FIRST.contains(port) ? AppProtocol.TCP : AppProtocol.UNKNOWN;
      default -> AppProtocol.UNKNOWN;
    };
  }

  private static IPFamilies families(ServiceObject service) {
    return switch (service.ipFamilies().size()) {
      case 0 -> IPFamilies.AUTOMATIC;
      case 1 ->
          service.ipFamilies().getFirst().equals("IPv6")
              ? IPFamilies.IPV6_ONLY
              : IPFamilies.IPV4_ONLY;
      default -> IPFamilies.DUAL;
    };
  }

  static boolean ingress(Meta service, @Nullable NamespaceObject namespace) {
    String label = service.label(WellKnown.INGRESS_USE_WAYPOINT);
    if (label == null && namespace != null) {
      label = namespace.meta().label(WellKnown.INGRESS_USE_WAYPOINT);
    }
    return label != null && Set.of("1", "t", "T", "TRUE", "true", "True").contains(label);
  }

  private static @Nullable LoadBalancing balancing(
      ServiceObject service, @Nullable NamespaceObject namespace) {
    LoadBalancing.Builder out = LoadBalancing.newBuilder();
    boolean set = true;
    if (service.internalTrafficLocal()) {
      out.setMode(LoadBalancing.Mode.STRICT).addRoutingPreference(Scope.NODE);
    } else {
      set = prefer(out, distribution(service, namespace));
    }
    if (service.publishNotReadyAddresses()) {
      out.setHealthPolicy(LoadBalancing.HealthPolicy.ALLOW_ALL);
      set = true;
    }
    return set ? out.build() : null;
  }

  private static String distribution(ServiceObject service, @Nullable NamespaceObject namespace) {
    if (!service.trafficDistribution().isEmpty()) {
      return service.trafficDistribution();
    }
    return distribution(service.meta(), namespace);
  }

  static String distribution(Meta service, @Nullable NamespaceObject namespace) {
    String annotation = service.annotation(WellKnown.TRAFFIC_DISTRIBUTION);
    if (annotation == null && namespace != null) {
      annotation = namespace.meta().annotation(WellKnown.TRAFFIC_DISTRIBUTION);
    }
    return annotation == null ? "" : annotation;
  }

  static boolean prefer(LoadBalancing.Builder out, String distribution) {
    List<Scope> zone = List.of(Scope.NETWORK, Scope.REGION, Scope.ZONE);
    switch (distribution.toLowerCase(Locale.ROOT)) {
      case "preferclose", "prefersamezone" -> out.addAllRoutingPreference(zone);
      case "prefersamenode" ->
          out.addAllRoutingPreference(zone)
              .addRoutingPreference(Scope.SUBZONE)
              .addRoutingPreference(Scope.NODE);
      default -> {
        return false;
      }
    }
    out.setMode(LoadBalancing.Mode.FAILOVER);
    return true;
  }

  static String network(ObjectTables tables, MeshSettings settings, Reader reader) {
    NamespaceObject system = reader.get(tables.namespaces, settings.rootNamespace());
    return system == null ? "" : system.meta().labels().getOrDefault(WellKnown.NETWORK, "");
  }
}
