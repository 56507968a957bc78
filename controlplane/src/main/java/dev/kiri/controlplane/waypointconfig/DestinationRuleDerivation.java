package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.kinds.DestinationRuleObject;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Subset;
import dev.kiri.controlplane.kinds.DestinationRuleObject.TrafficPolicy;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A DestinationRule's way to the waypoints that lead to its host: those in front of it, and those
/// of its own namespace, whose routes may lead there (waypoint.md 13.1).
final class DestinationRuleDerivation {
  private final MeshSettings settings;
  private final Frontends frontends;
  private final Workloads workloads;
  private final Index<String, String, GatewayObject> gatewaysByNamespace;

  /// To be made before the first change.
  DestinationRuleDerivation(MeshIndex index, Frontends frontends, Workloads workloads) {
    this.settings = index.settings();
    this.frontends = frontends;
    this.workloads = workloads;
    this.gatewaysByNamespace =
        index.objects().gateways.index(gateway -> List.of(gateway.meta().namespace()));
  }

  VirtualServiceResult derive(DestinationRuleObject rule, Reader reader) {
    String namespace = rule.meta().namespace();
    Map<String, List<ServiceTarget>> byWaypoint = new TreeMap<>();
    List<Frontend> found = frontends.covered(rule.host(), namespace, reader);
    boolean foreign = false;
    for (Frontend frontend : found) {
      Set<String> waypoints = new TreeSet<>();
      if (frontends.binding(frontend, reader) instanceof Binding.Bound bound) {
        bound.waypoints().forEach(waypoint -> waypoints.add(waypoint.path()));
      }
      for (GatewayObject gateway : reader.find(gatewaysByNamespace, namespace)) {
        if (WaypointClasses.isOurs(gateway.className())) {
          waypoints.add(gateway.key().path());
        }
      }
      waypoints.removeIf(waypoint -> !counts(rule, frontend, waypoint));
      foreign |= waypoints.isEmpty();
      for (String waypoint : waypoints) {
        List<ServiceTarget> targets = byWaypoint.computeIfAbsent(waypoint, _ -> new ArrayList<>());
        for (String hostname : frontend.hostnames()) {
          targets.add(
              ServiceTarget.newBuilder()
                  .setNamespace(frontend.namespace())
                  .setHostname(hostname)
                  .build());
        }
      }
    }
    Map<String, EncodedResource> resources = new TreeMap<>();
    if (!byWaypoint.isEmpty()) {
      // only now: the subsets depend on the pods, and nothing has to follow those for no waypoint
      DestinationRule.Builder converted = convert(rule, reader);
      byWaypoint.forEach(
          (waypoint, targets) ->
              resources.put(
                  waypoint,
                  Resources.encode(
                      rule,
                      Resources.of(rule)
                          .setDestinationRule(converted.clone().addAllTargets(targets)))));
    }
    return new VirtualServiceResult(
        Map.copyOf(resources), accepted(rule, found, resources.keySet(), foreign), partial(rule));
  }

  /// A rule counts in the namespaces of the service, of the waypoint and of the mesh, as far as it
  /// is exported to the waypoint's.
  private boolean counts(DestinationRuleObject rule, Frontend frontend, String waypoint) {
    String own = rule.meta().namespace();
    String where = waypoint.substring(0, waypoint.indexOf('/'));
    return Exports.reach(rule.exportTo(), own, where)
        && (own.equals(frontend.namespace())
            || own.equals(where)
            || own.equals(settings.rootNamespace()));
  }

  private Verdict accepted(
      DestinationRuleObject rule, List<Frontend> found, Set<String> waypoints, boolean foreign) {
    if (!waypoints.isEmpty()) {
      return new Verdict(true, "Accepted", "bound to " + String.join(", ", waypoints));
    }
    if (found.isEmpty()) {
      return new Verdict(
          false,
          "TargetNotFound",
          "no service has the host " + frontends.complete(rule.host(), rule.meta().namespace()));
    }
    return new Verdict(
        false,
        "AncestorNotBound",
        foreign
            ? "no waypoint leads to the host and sees this namespace"
            : "the host has no waypoint");
  }

  private static @Nullable Verdict partial(DestinationRuleObject rule) {
    List<String> all = new ArrayList<>(rule.notHonoured());
    if (credential(rule.policy())
        || rule.subsets().stream().anyMatch(subset -> credential(subset.policy()))) {
      all.add("tls.credentialName (requests are answered 503 rather than sent in clear text)");
    }
    return all.isEmpty()
        ? null
        : new Verdict(true, "UnsupportedValue", "not honoured: " + String.join("; ", all));
  }

  private static boolean credential(TrafficPolicy policy) {
    return TrafficPolicies.byCredential(policy)
        || policy.ports().values().stream().anyMatch(TrafficPolicies::byCredential);
  }

  private DestinationRule.Builder convert(DestinationRuleObject rule, Reader reader) {
    DestinationRule.Builder out =
        DestinationRule.newBuilder().setCreationTime(Resources.created(rule));
    TrafficPolicy top = rule.policy();
    out.addPolicies(effective("", 0, top));
    new TreeMap<>(top.ports())
        .forEach((port, policy) -> out.addPolicies(effective("", port, policy)));
    for (Subset subset : rule.subsets()) {
      out.addSubsets(
          dev.kiri.waypoint.config.v1.Subset.newBuilder()
              .setName(subset.name())
              .setAllWorkloads(subset.labels().isEmpty())
              .addAllWorkloads(workloads.having(subset.labels(), reader)));
      TrafficPolicy own = subset.policy();
      out.addPolicies(effective(subset.name(), 0, own.over(top)));
      Set<Integer> ports = new TreeSet<>(top.ports().keySet());
      ports.addAll(own.ports().keySet());
      for (int port : ports) {
        TrafficPolicy single = own.ports().get(port);
        out.addPolicies(
            effective(
                subset.name(),
                port,
                single == null
                    ? own.over(top.ports().getOrDefault(port, TrafficPolicy.NONE))
                    : single));
      }
    }
    return out;
  }

  private static EffectivePolicy effective(String subset, int port, TrafficPolicy policy) {
    return EffectivePolicy.newBuilder()
        .setSubset(subset)
        .setPort(port)
        .setPolicy(TrafficPolicies.convert(policy))
        .build();
  }
}
