package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.DestinationRuleObject.Balancing;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Outliers;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Pool;
import dev.kiri.controlplane.kinds.DestinationRuleObject.TrafficPolicy;
import dev.kiri.waypoint.config.v1.HashKey;
import dev.kiri.waypoint.config.v1.LoadBalancing;
import dev.kiri.waypoint.config.v1.OutlierDetection;
import java.time.Duration;

/// Traffic policies of DestinationRules in the waypoint's schema. Pure.
final class TrafficPolicies {
  private TrafficPolicies() {}

  /// @param refused whether requests must not be sent, since they would go in clear text
  static dev.kiri.waypoint.config.v1.TrafficPolicy convert(TrafficPolicy policy, boolean refused) {
    var out = dev.kiri.waypoint.config.v1.TrafficPolicy.newBuilder();
    Balancing balancing = policy.balancing();
    if (balancing != null) {
      out.setBalancing(balancing(balancing));
    }
    Pool pool = policy.pool();
    if (pool != null) {
      out.setMaxConnections(pool.maxConnections())
          .setMaxRequests(pool.maxRequests())
          .setMaxRequestsPerConnection(pool.maxRequestsPerConnection())
          .setUpgrade(
              switch (pool.upgrade()) {
                case "UPGRADE" -> dev.kiri.waypoint.config.v1.TrafficPolicy.Upgrade.TO_HTTP2;
                case "DO_NOT_UPGRADE" -> dev.kiri.waypoint.config.v1.TrafficPolicy.Upgrade.TO_HTTP1;
                case "CLIENT" -> dev.kiri.waypoint.config.v1.TrafficPolicy.Upgrade.AS_CLIENT;
                default -> dev.kiri.waypoint.config.v1.TrafficPolicy.Upgrade.UPGRADE_UNSPECIFIED;
              });
    }
    Outliers outliers = policy.outliers();
    if (outliers != null) {
      out.setOutlierDetection(
          OutlierDetection.newBuilder()
              .setConsecutive5Xx(outliers.consecutive5xx())
              .setConsecutiveGateway(outliers.consecutiveGateway())
              .setConsecutiveLocal(outliers.splitLocal() ? outliers.consecutiveLocal() : 0)
              .setSplitLocal(outliers.splitLocal())
              .setInterval(RouteConversion.duration(outliers.interval()))
              .setBaseEjection(RouteConversion.duration(outliers.ejection()))
              .setMaxPercent(outliers.maxPercent())
              .setMinHealthPercent(outliers.minHealthPercent()));
    }
    if (refused) {
      out.setInvalid(Backends.invalid("UnsupportedValue", "tls to the endpoint is not honoured"));
    }
    return out.build();
  }

  private static LoadBalancing balancing(Balancing balancing) {
    LoadBalancing.Builder out = LoadBalancing.newBuilder();
    HashKey.Builder key = HashKey.newBuilder();
    switch (balancing.hashBy()) {
      case "HEADER" -> out.setHash(key.setHeader(balancing.name()));
      case "QUERY" -> out.setHash(key.setQueryParam(balancing.name()));
      case "SOURCE_IP" -> out.setHash(key.setSourceAddress(true));
      case "COOKIE" -> {
        HashKey.Cookie.Builder cookie =
            HashKey.Cookie.newBuilder().setName(balancing.name()).setPath(balancing.path());
        Duration ttl = balancing.ttl();
        if (ttl != null) {
          cookie.setTtl(RouteConversion.duration(ttl));
        }
        out.setHash(key.setCookie(cookie));
      }
      default ->
          out.setSimple(
              switch (balancing.simple()) {
                case "RANDOM" -> LoadBalancing.Simple.RANDOM;
                case "ROUND_ROBIN" -> LoadBalancing.Simple.ROUND_ROBIN;
                default -> LoadBalancing.Simple.LEAST_REQUEST;
              });
    }
    return out.build();
  }
}
