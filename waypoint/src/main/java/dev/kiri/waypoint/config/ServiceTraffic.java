package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.upstream.Destined;
import dev.kiri.waypoint.upstream.TrafficPolicy;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What DestinationRules say about one service. Immutable.
///
/// @param top by port, 0 for any
/// @param subsets by name
public record ServiceTraffic(Map<Integer, TrafficPolicy> top, Map<String, Part> subsets) {
  /// A part of the endpoints.
  ///
  /// @param members uids of workloads; null: all
  /// @param policies by port, 0 for any
  public record Part(@Nullable Set<String> members, Map<Integer, TrafficPolicy> policies) {}

  /// Where a reference leads; null when it names a subset that nobody has defined.
  @Nullable Destined destined(ServiceKey service, int port, String subset) {
    if (subset.isEmpty()) {
      return new Destined(service, port, "", null, at(top, port), null);
    }
    Part part = subsets.get(subset);
    return part == null
        ? null
        : new Destined(service, port, subset, part.members(), at(part.policies(), port), null);
  }

  private static TrafficPolicy at(Map<Integer, TrafficPolicy> policies, int port) {
    TrafficPolicy own = policies.get(port);
    return own == null ? policies.getOrDefault(0, TrafficPolicy.NONE) : own;
  }

  /// By service. Of several objects the oldest says what holds without a subset; subsets are those
  /// of all, of equal names the oldest.
  static Map<ServiceKey, ServiceTraffic> of(List<DestinationRuleCompiler.Compiled> rules) {
    Map<ServiceKey, Map<Integer, TrafficPolicy>> tops = new HashMap<>();
    Map<ServiceKey, Map<String, Part>> subsets = new HashMap<>();
    rules.stream()
        .sorted(
            Comparator.comparing(DestinationRuleCompiler.Compiled::created)
                .thenComparing(DestinationRuleCompiler.Compiled::name))
        .forEach(
            rule -> {
              for (ServiceKey target : rule.targets()) {
                tops.putIfAbsent(target, rule.top());
                Map<String, Part> known = subsets.computeIfAbsent(target, _ -> new HashMap<>());
                rule.subsets().forEach(known::putIfAbsent);
              }
            });
    Map<ServiceKey, ServiceTraffic> all = new HashMap<>();
    tops.forEach(
        (service, top) ->
            all.put(
                service,
                new ServiceTraffic(
                    Map.copyOf(top), Map.copyOf(subsets.getOrDefault(service, Map.of())))));
    return Map.copyOf(all);
  }
}
