package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.DestinationRuleObject;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Balancing;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Distribution;
import dev.kiri.controlplane.kinds.DestinationRuleObject.KeepAlive;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Locality;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Outliers;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Pool;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Tls;
import dev.kiri.controlplane.kinds.DestinationRuleObject.TrafficPolicy;
import dev.kiri.waypoint.config.v1.EndpointTls;
import dev.kiri.waypoint.config.v1.HashKey;
import dev.kiri.waypoint.config.v1.LoadBalancing;
import dev.kiri.waypoint.config.v1.LocalitySetting;
import dev.kiri.waypoint.config.v1.OutlierDetection;
import dev.kiri.waypoint.config.v1.PemSource;
import dev.kiri.waypoint.config.v1.RetryBudget;
import dev.kiri.waypoint.config.v1.TcpKeepAlive;
import dev.kiri.waypoint.config.v1.Warmup;
import java.time.Duration;

/// Traffic policies of DestinationRules in the waypoint's schema. Pure.
final class TrafficPolicies {
  private TrafficPolicies() {}

  /// Whether certificates are in a Secret, which is not read.
  static boolean byCredential(TrafficPolicy policy) {
    Tls tls = policy.tls();
    return tls != null && tls.originates() && !tls.credential().isEmpty();
  }

  static dev.kiri.waypoint.config.v1.TrafficPolicy convert(TrafficPolicy policy) {
    var out = dev.kiri.waypoint.config.v1.TrafficPolicy.newBuilder();
    Balancing balancing = policy.balancing();
    if (balancing != null) {
      out.setBalancing(balancing(balancing));
    }
    Pool pool = policy.pool();
    if (pool != null) {
      connections(pool, out);
      out.setMaxConnections(pool.maxConnections())
          .setMaxPending(pool.maxPending())
          .setMaxRetries(pool.maxRetries())
          .setMaxStreams(pool.maxStreams())
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
    switch (policy.proxyProtocol()) {
      case "V1" -> out.setProxyProtocol(dev.kiri.waypoint.config.v1.TrafficPolicy.ProxyProtocol.V1);
      case "V2" -> out.setProxyProtocol(dev.kiri.waypoint.config.v1.TrafficPolicy.ProxyProtocol.V2);
      default -> {} // none
    }
    DestinationRuleObject.RetryBudget retries = policy.retries();
    if (retries != null) {
      out.setRetryBudget(
          RetryBudget.newBuilder().setPercent(retries.percent()).setMinimum(retries.minimum()));
    }
    Tls tls = policy.tls();
    if (byCredential(policy)) {
      out.setInvalid(
          Backends.invalid("UnsupportedValue", "tls.credentialName is not honoured, files are"));
    } else if (tls != null && tls.originates()) {
      out.setTls(tls(tls));
    } else if (tls != null) {
      out.setNoTls(true);
    }
    return out.build();
  }

  private static void connections(
      Pool pool, dev.kiri.waypoint.config.v1.TrafficPolicy.Builder out) {
    Duration connect = pool.connectTimeout();
    if (connect != null) {
      out.setConnectTimeout(RouteConversion.duration(connect));
    }
    KeepAlive keepAlive = pool.keepAlive();
    if (keepAlive != null) {
      out.setKeepAlive(
          TcpKeepAlive.newBuilder()
              .setProbes(keepAlive.probes())
              .setTime(RouteConversion.duration(keepAlive.time()))
              .setInterval(RouteConversion.duration(keepAlive.interval())));
    }
    Duration idle = pool.idle();
    if (idle != null) {
      out.setIdleTimeout(RouteConversion.duration(idle));
    }
    Duration tcpIdle = pool.tcpIdle();
    if (tcpIdle != null) {
      out.setTcpIdleTimeout(RouteConversion.duration(tcpIdle));
    }
    Duration longest = pool.maxDuration();
    if (longest != null) {
      out.setMaxConnectionDuration(RouteConversion.duration(longest));
    }
  }

  private static EndpointTls tls(Tls tls) {
    EndpointTls.Builder out =
        EndpointTls.newBuilder()
            .setServerName(tls.serverName())
            .addAllSubjectAltNames(tls.names())
            .setSkipVerification(tls.skipVerification());
    if (!tls.roots().isEmpty()) {
      out.setRoots(file(tls.roots()));
    }
    if (tls.mode().equals("MUTUAL")) {
      out.setCertificate(file(tls.certificate())).setKey(file(tls.key()));
    }
    return out.build();
  }

  private static PemSource file(String path) {
    return PemSource.newBuilder().setFile(path).build();
  }

  private static LocalitySetting locality(Locality locality) {
    LocalitySetting.Builder out =
        LocalitySetting.newBuilder().setOff(locality.off()).putAllFailover(locality.failover());
    for (Distribution each : locality.distribute()) {
      LocalitySetting.Distribution.Builder shares = out.addDistributeBuilder().setFrom(each.from());
      each.to().forEach((to, weight) -> shares.addSharesBuilder().setTo(to).setWeight(weight));
    }
    for (String label : locality.priorities()) {
      out.addPriorities(
          switch (label) {
            case "topology.istio.io/network" -> LocalitySetting.Scope.NETWORK;
            case "topology.istio.io/cluster" -> LocalitySetting.Scope.CLUSTER;
            case "topology.istio.io/subzone" -> LocalitySetting.Scope.SUBZONE;
            case "topology.kubernetes.io/region" -> LocalitySetting.Scope.REGION;
            case "topology.kubernetes.io/zone" -> LocalitySetting.Scope.ZONE;
            case "kubernetes.io/hostname" -> LocalitySetting.Scope.NODE;
            default -> throw new IllegalStateException(label); // the reader lets no other pass
          });
    }
    return out.build();
  }

  private static LoadBalancing balancing(Balancing balancing) {
    LoadBalancing.Builder out = LoadBalancing.newBuilder();
    Locality locality = balancing.locality();
    if (locality != null) {
      out.setLocality(locality(locality));
    }
    DestinationRuleObject.Warmup warmup = balancing.warmup();
    if (warmup != null) {
      out.setWarmup(
          Warmup.newBuilder()
              .setWindow(RouteConversion.duration(warmup.window()))
              .setMinimumPercent(warmup.minimum())
              .setAggression(warmup.aggression()));
    }
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
