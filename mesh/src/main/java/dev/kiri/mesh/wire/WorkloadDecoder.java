package dev.kiri.mesh.wire;

import com.google.protobuf.ByteString;
import dev.kiri.hbone.identity.TrustDomain;
import dev.kiri.mesh.proto.workload.PortList;
import dev.kiri.mesh.workload.ApplicationTunnel;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.Locality;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.mesh.workload.WorkloadType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `istio.workload.Workload`.
final class WorkloadDecoder {
  private final WireTypes types;

  WorkloadDecoder(WireTypes types) {
    this.types = types;
  }

  Workload decode(String name, dev.kiri.mesh.proto.workload.Workload wire) throws InvalidResource {
    if (wire.getUid().isEmpty()) {
      throw new InvalidResource("workload has no uid");
    }
    return new Workload(
        wire.getUid().equals(name) ? name : wire.getUid(),
        types.text(wire.getName()),
        types.text(wire.getNamespace()),
        addresses(wire.getAddressesList()),
        types.text(wire.getNetwork()),
        protocol(wire),
        trustDomain(wire.getTrustDomain()),
        types.text(wire.getServiceAccount(), "default"),
        wire.hasWaypoint() ? types.gateway(wire.getWaypoint()) : null,
        wire.hasNetworkGateway() ? types.gateway(wire.getNetworkGateway()) : null,
        types.text(wire.getNode()),
        types.text(wire.getCanonicalName()),
        types.text(wire.getCanonicalRevision()),
        type(wire),
        types.text(wire.getWorkloadName()),
        wire.getNativeTunnel(),
        tunnel(wire),
        types.text(wire.getClusterId(), "Kubernetes"),
        locality(wire.getLocality()),
        networkMode(wire),
        health(wire),
        types.text(wire.getHostname()),
        services(wire.getServicesMap()),
        policies(wire.getAuthorizationPoliciesList()),
        wire.hasCapacity() ? wire.getCapacity().getValue() : 1);
  }

  private static List<InetAddress> addresses(List<ByteString> wire) throws InvalidResource {
    var addresses = new ArrayList<InetAddress>(wire.size());
    for (var bytes : wire) {
      var address = WireTypes.address(bytes);
      if (!addresses.contains(address)) {
        addresses.add(address);
      }
    }
    return addresses;
  }

  private TrustDomain trustDomain(String wire) {
    return wire.isEmpty() ? TrustDomain.CLUSTER_LOCAL : types.share(new TrustDomain(wire));
  }

  private static TunnelProtocol protocol(dev.kiri.mesh.proto.workload.Workload wire)
      throws InvalidResource {
    return switch (wire.getTunnelProtocol()) {
      case NONE -> TunnelProtocol.TCP;
      case HBONE -> TunnelProtocol.HBONE;
      case LEGACY_ISTIO_MTLS ->
          throw new InvalidResource("unknown enum: unsupported tunnel protocol: legacy istio mtls");
      case UNRECOGNIZED ->
          throw WireTypes.unknownEnum("tunnel protocol", wire.getTunnelProtocolValue());
    };
  }

  private static WorkloadType type(dev.kiri.mesh.proto.workload.Workload wire) {
    return switch (wire.getWorkloadType()) {
      case DEPLOYMENT, UNRECOGNIZED -> WorkloadType.DEPLOYMENT;
      case CRONJOB -> WorkloadType.CRONJOB;
      case POD -> WorkloadType.POD;
      case JOB -> WorkloadType.JOB;
    };
  }

  private @Nullable ApplicationTunnel tunnel(dev.kiri.mesh.proto.workload.Workload wire)
      throws InvalidResource {
    if (!wire.hasApplicationTunnel()) {
      return null;
    }
    var tunnel = wire.getApplicationTunnel();
    var protocol =
        switch (tunnel.getProtocol()) {
          case NONE -> ApplicationTunnel.Protocol.NONE;
          case PROXY -> ApplicationTunnel.Protocol.PROXY;
          case UNRECOGNIZED ->
              throw WireTypes.unknownEnum("application tunnel protocol", tunnel.getProtocolValue());
        };
    return types.share(new ApplicationTunnel(protocol, WireTypes.port(tunnel.getPort())));
  }

  private Locality locality(dev.kiri.mesh.proto.workload.Locality wire) {
    var locality =
        new Locality(
            types.text(wire.getRegion()),
            types.text(wire.getZone()),
            types.text(wire.getSubzone()));
    return locality.isUnknown() ? Locality.UNKNOWN : types.share(locality);
  }

  private static NetworkMode networkMode(dev.kiri.mesh.proto.workload.Workload wire)
      throws InvalidResource {
    return switch (wire.getNetworkMode()) {
      case STANDARD -> NetworkMode.STANDARD;
      case HOST_NETWORK -> NetworkMode.HOST_NETWORK;
      case UNRECOGNIZED -> throw WireTypes.unknownEnum("network mode", wire.getNetworkModeValue());
    };
  }

  private static HealthStatus health(dev.kiri.mesh.proto.workload.Workload wire)
      throws InvalidResource {
    return switch (wire.getStatus()) {
      case HEALTHY -> HealthStatus.HEALTHY;
      case UNHEALTHY -> HealthStatus.UNHEALTHY;
      case UNRECOGNIZED -> throw WireTypes.unknownEnum("workload status", wire.getStatusValue());
    };
  }

  private Map<ServiceKey, PortMap> services(Map<String, PortList> wire) throws InvalidResource {
    if (wire.isEmpty()) {
      return Map.of();
    }
    var services = new HashMap<ServiceKey, PortMap>();
    for (var entry : wire.entrySet()) {
      var key =
          ServiceKey.parse(entry.getKey())
              .orElseThrow(
                  () -> new InvalidResource("invalid namespaced hostname: " + entry.getKey()));
      services.put(
          types.share(new ServiceKey(types.text(key.namespace()), types.text(key.hostname()))),
          types.ports(entry.getValue().getPortsList()));
    }
    return types.share(Map.copyOf(services));
  }

  private List<String> policies(List<String> wire) {
    if (wire.isEmpty()) {
      return List.of();
    }
    return types.share(wire.stream().map(types::text).toList());
  }
}
