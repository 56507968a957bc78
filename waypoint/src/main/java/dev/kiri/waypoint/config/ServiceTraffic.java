package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.upstream.Destined;
import dev.kiri.waypoint.upstream.TrafficPolicy;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
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
  /// What BackendTLSPolicies say fills in where nothing else is said about TLS (waypoint reference
  /// 13.1).
  static Map<ServiceKey, ServiceTraffic> of(
      List<DestinationRuleCompiler.Compiled> rules, List<BackendTlsCompiler.Compiled> backendTls) {
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
    fills(backendTls)
        .forEach(
            (service, byPort) ->
                all.merge(
                    service,
                    new ServiceTraffic(Map.of(0, TrafficPolicy.NONE), Map.of()).filled(byPort),
                    (known, _) -> known.filled(byPort)));
    return Map.copyOf(all);
  }

  /// By service and port, of several the oldest.
  private static Map<ServiceKey, Map<Integer, BackendTlsCompiler.Compiled>> fills(
      List<BackendTlsCompiler.Compiled> backendTls) {
    Map<ServiceKey, Map<Integer, BackendTlsCompiler.Compiled>> all = new HashMap<>();
    backendTls.stream()
        .sorted(
            Comparator.comparing(BackendTlsCompiler.Compiled::created)
                .thenComparing(BackendTlsCompiler.Compiled::name))
        .forEach(
            policy ->
                policy
                    .targets()
                    .forEach(
                        target ->
                            all.computeIfAbsent(target.service(), _ -> new HashMap<>())
                                .putIfAbsent(target.port(), policy)));
    return all;
  }

  private ServiceTraffic filled(Map<Integer, BackendTlsCompiler.Compiled> byPort) {
    Map<String, Part> parts = new HashMap<>();
    subsets.forEach(
        (name, part) -> parts.put(name, new Part(part.members(), filled(part.policies(), byPort))));
    return new ServiceTraffic(filled(top, byPort), Map.copyOf(parts));
  }

  private static Map<Integer, TrafficPolicy> filled(
      Map<Integer, TrafficPolicy> policies, Map<Integer, BackendTlsCompiler.Compiled> byPort) {
    Set<Integer> ports = new HashSet<>(policies.keySet());
    ports.addAll(byPort.keySet());
    Map<Integer, TrafficPolicy> filled = new HashMap<>();
    for (int port : ports) {
      TrafficPolicy known = at(policies, port);
      BackendTlsCompiler.Compiled says = byPort.get(port);
      says = says == null ? byPort.get(0) : says;
      filled.put(port, says == null ? known : known.filled(says.tls(), says.refused()));
    }
    return Map.copyOf(filled);
  }
}
