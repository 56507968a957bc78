package dev.kiri.mesh.wire;

import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.IpPrefix;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.LoadBalancing.HealthPolicy;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WeightedWaypoint;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;

/// Reads `istio.workload.Service`.
final class ServiceDecoder {
  private final WireTypes types;

  ServiceDecoder(WireTypes types) {
    this.types = types;
  }

  Service decode(dev.kiri.mesh.proto.workload.Service wire) throws InvalidResource {
    if (wire.getHostname().isEmpty()) {
      throw new InvalidResource("service has no hostname");
    }
    var vips = new ArrayList<NetworkAddress>();
    var ranges = new ArrayList<CidrVip>();
    addresses(wire, vips, ranges);
    return new Service(
        types.text(wire.getName()),
        types.text(wire.getNamespace()),
        types.text(wire.getHostname()),
        vips,
        ranges,
        types.ports(wire.getPortsList()),
        List.copyOf(wire.getSubjectAltNamesList()),
        wire.hasWaypoint() ? types.gateway(wire.getWaypoint()) : null,
        weighted(wire.getWeightedWaypointsList()),
        wire.hasLoadBalancing() ? balancing(wire.getLoadBalancing()) : null,
        families(wire),
        wire.getCanonical(),
        visibility(wire));
  }

  private void addresses(
      dev.kiri.mesh.proto.workload.Service wire, List<NetworkAddress> vips, List<CidrVip> ranges)
      throws InvalidResource {
    for (var each : wire.getAddressesList()) {
      var vip = types.address(each);
      int bits = each.getAddress().size() * 8;
      int length = each.hasLength() ? each.getLength() : bits;
      if (length < 0 || length > bits) {
        throw new InvalidResource(
            "invalid prefix length "
                + Integer.toUnsignedString(length)
                + " for "
                + NetUtil.toAddressString(vip.address()));
      }
      if (length == bits) {
        if (!vips.contains(vip)) {
          vips.add(vip);
        }
      } else {
        // A mapped IPv6 address reads as IPv4; its prefix then counts from the mapped part.
        int own = vip.address().getAddress().length * 8;
        var prefix = new IpPrefix(vip.address(), Math.max(0, length - (bits - own)));
        ranges.add(new CidrVip(vip.network(), prefix));
      }
    }
  }

  private List<WeightedWaypoint> weighted(List<dev.kiri.mesh.proto.workload.WeightedWaypoint> wire)
      throws InvalidResource {
    var waypoints = new ArrayList<WeightedWaypoint>(wire.size());
    for (var each : wire) {
      if (!each.hasDestination()) {
        throw new InvalidResource("weighted waypoint is missing destination");
      }
      waypoints.add(
          new WeightedWaypoint(
              types.gateway(each.getDestination()), Integer.toUnsignedLong(each.getWeight())));
    }
    return waypoints;
  }

  private LoadBalancing balancing(dev.kiri.mesh.proto.workload.LoadBalancing wire)
      throws InvalidResource {
    var preferences = new ArrayList<Scope>();
    for (int index = 0; index < wire.getRoutingPreferenceCount(); index++) {
      preferences.add(
          switch (wire.getRoutingPreference(index)) {
            case REGION -> Scope.REGION;
            case ZONE -> Scope.ZONE;
            case SUBZONE -> Scope.SUBZONE;
            case NODE -> Scope.NODE;
            case CLUSTER -> Scope.CLUSTER;
            case NETWORK -> Scope.NETWORK;
            case UNSPECIFIED_SCOPE, UNRECOGNIZED ->
                throw WireTypes.unknownEnum(
                    "routing preference", wire.getRoutingPreferenceValue(index));
          });
    }
    return types.share(new LoadBalancing(preferences, mode(wire), healthPolicy(wire)));
  }

  private static Mode mode(dev.kiri.mesh.proto.workload.LoadBalancing wire) throws InvalidResource {
    return switch (wire.getMode()) {
      case UNSPECIFIED_MODE -> Mode.STANDARD;
      case STRICT -> Mode.STRICT;
      case FAILOVER -> Mode.FAILOVER;
      case PASSTHROUGH -> Mode.PASSTHROUGH;
      case UNRECOGNIZED -> throw WireTypes.unknownEnum("load balancing mode", wire.getModeValue());
    };
  }

  private static HealthPolicy healthPolicy(dev.kiri.mesh.proto.workload.LoadBalancing wire)
      throws InvalidResource {
    return switch (wire.getHealthPolicy()) {
      case ONLY_HEALTHY -> HealthPolicy.ONLY_HEALTHY;
      case ALLOW_ALL -> HealthPolicy.ALLOW_ALL;
      case UNRECOGNIZED ->
          throw WireTypes.unknownEnum("health policy", wire.getHealthPolicyValue());
    };
  }

  private static IpFamilies families(dev.kiri.mesh.proto.workload.Service wire)
      throws InvalidResource {
    return switch (wire.getIpFamilies()) {
      case AUTOMATIC -> IpFamilies.AUTOMATIC;
      case IPV4_ONLY -> IpFamilies.IPV4_ONLY;
      case IPV6_ONLY -> IpFamilies.IPV6_ONLY;
      case DUAL -> IpFamilies.DUAL;
      case UNRECOGNIZED -> throw WireTypes.unknownEnum("ip families", wire.getIpFamiliesValue());
    };
  }

  private static Visibility visibility(dev.kiri.mesh.proto.workload.Service wire) {
    return switch (wire.getVisibility()) {
      case PUBLIC, UNRECOGNIZED -> Visibility.PUBLIC;
      case NAMESPACE -> Visibility.NAMESPACE;
    };
  }
}
