package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.HashKey;
import dev.kiri.waypoint.config.v1.OutlierDetection;
import dev.kiri.waypoint.config.v1.Subset;
import dev.kiri.waypoint.upstream.TrafficPolicy;
import dev.kiri.waypoint.upstream.TrafficPolicy.Balancing;
import dev.kiri.waypoint.upstream.TrafficPolicy.Outliers;
import dev.kiri.waypoint.upstream.TrafficPolicy.Upgrade;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Compiles DestinationRules. Pure.
final class DestinationRuleCompiler {
  private static final String AT = "destination_rule";

  /// One object, compiled.
  ///
  /// @param top by port, 0 for any
  /// @param subsets by name
  /// @param problem why some of it refuses all requests instead of being honoured; null: nothing
  record Compiled(
      String name,
      Instant created,
      List<ServiceKey> targets,
      Map<Integer, TrafficPolicy> top,
      Map<String, ServiceTraffic.Part> subsets,
      @Nullable String problem) {}

  private DestinationRuleCompiler() {}

  static Compiled compile(String name, DestinationRule rule) {
    Map<String, Map<Integer, TrafficPolicy>> policies = new HashMap<>();
    String problem = null;
    for (int i = 0; i < rule.getPoliciesCount(); i++) {
      EffectivePolicy policy = rule.getPolicies(i);
      TrafficPolicy compiled;
      try {
        compiled = policy(policy, AT + ".policies[" + i + "].policy");
      } catch (ConnectionCompiler.NoTls broken) {
        // Refusing the object alone could leave requests to go in clear text.
        String why = String.valueOf(broken.getMessage());
        problem = why;
        compiled = TrafficPolicy.refusing(why);
      }
      policies
          .computeIfAbsent(policy.getSubset(), _ -> new HashMap<>())
          .put(policy.getPort(), compiled);
    }
    Map<String, ServiceTraffic.Part> subsets = new HashMap<>();
    for (int i = 0; i < rule.getSubsetsCount(); i++) {
      Subset subset = rule.getSubsets(i);
      if (subset.getName().isEmpty()) {
        throw new InvalidConfig(AT + ".subsets[" + i + "].name", "must be set");
      }
      subsets.put(
          subset.getName(),
          new ServiceTraffic.Part(
              subset.getAllWorkloads() ? null : Set.copyOf(subset.getWorkloadsList()),
              policies.getOrDefault(subset.getName(), Map.of())));
    }
    return new Compiled(
        name,
        HttpRouteCompiler.created(rule.hasCreationTime(), rule.getCreationTime(), AT),
        rule.getTargetsList().stream()
            .map(target -> new ServiceKey(target.getNamespace(), target.getHostname()))
            .toList(),
        policies.getOrDefault("", Map.of()),
        subsets,
        problem);
  }

  private static TrafficPolicy policy(EffectivePolicy effective, String field) {
    var policy = effective.getPolicy();
    var balancing = policy.getBalancing();
    return new TrafficPolicy(
        switch (balancing.getSimple()) {
          case ROUND_ROBIN -> Balancing.ROUND_ROBIN;
          case RANDOM -> Balancing.RANDOM;
          case LEAST_REQUEST, SIMPLE_UNSPECIFIED, UNRECOGNIZED -> Balancing.LEAST_REQUEST;
        },
        balancing.hasHash() ? hash(balancing.getHash(), field + ".balancing.hash") : null,
        balancing.hasLocality()
            ? LocalityCompiler.compile(balancing.getLocality(), field + ".balancing.locality")
            : null,
        balancing.hasWarmup()
            ? LocalityCompiler.warmup(balancing.getWarmup(), field + ".balancing.warmup")
            : null,
        policy.getMaxConnections(),
        policy.getMaxPending(),
        policy.getMaxRequests(),
        policy.getMaxRetries(),
        policy.hasRetryBudget()
            ? new TrafficPolicy.RetryBudget(
                policy.getRetryBudget().getPercent(), policy.getRetryBudget().getMinimum())
            : null,
        policy.getMaxRequestsPerConnection(),
        switch (policy.getUpgrade()) {
          case TO_HTTP2 -> Upgrade.TO_HTTP2;
          case TO_HTTP1 -> Upgrade.TO_HTTP1;
          case AS_CLIENT -> Upgrade.AS_CLIENT;
          case UPGRADE_UNSPECIFIED, UNRECOGNIZED -> Upgrade.AS_DECLARED;
        },
        policy.hasTcpIdleTimeout()
            ? ConnectionCompiler.duration(policy.getTcpIdleTimeout(), field + ".tcp_idle_timeout")
            : null,
        policy.hasOutlierDetection() ? outliers(policy.getOutlierDetection(), field) : null,
        ConnectionCompiler.compile(policy, field),
        policy.hasTls() || policy.getNoTls() || policy.hasInvalid(),
        policy.hasInvalid() ? HttpRuleCompiler.text(policy.getInvalid()) : null);
  }

  private static TrafficPolicy.HashKey hash(HashKey key, String field) {
    return switch (key.getKeyCase()) {
      case HEADER ->
          new TrafficPolicy.HashKey.Header(
              MatchCompiler.headerName(key.getHeader(), field + ".header"));
      case QUERY_PARAM -> new TrafficPolicy.HashKey.QueryParameter(key.getQueryParam());
      case SOURCE_ADDRESS -> new TrafficPolicy.HashKey.SourceAddress();
      case COOKIE -> {
        var cookie = key.getCookie();
        Duration ttl = cookie.hasTtl() ? Durations.of(cookie.getTtl()) : null;
        // Names of cookies are tokens as those of headers are, but their case counts.
        MatchCompiler.headerName(cookie.getName(), field + ".cookie.name");
        yield new TrafficPolicy.HashKey.Cookie(cookie.getName(), cookie.getPath(), ttl);
      }
      case KEY_NOT_SET -> throw new InvalidConfig(field, "no key this proxy knows");
    };
  }

  private static Outliers outliers(OutlierDetection detection, String field) {
    return new Outliers(
        detection.getConsecutive5Xx(),
        detection.getConsecutiveGateway(),
        detection.getSplitLocal(),
        detection.getConsecutiveLocal(),
        orDefault(detection.getInterval(), field + ".outlier_detection.interval"),
        orDefault(detection.getBaseEjection(), field + ".outlier_detection.base_ejection"),
        detection.getMaxPercent(),
        detection.getMinHealthPercent());
  }

  private static Duration orDefault(com.google.protobuf.Duration wire, String field) {
    @Nullable Duration written = HttpRuleCompiler.timeout(true, wire, field);
    return written == null ? Duration.ofSeconds(30) : written;
  }
}
