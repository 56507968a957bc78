package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject.TargetRef;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.waypoint.config.v1.PolicyTarget;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import dev.kiri.waypoint.config.v1.WholeWaypoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A policy's way to the waypoints its targets name, and its verdicts (waypoint.md 17.1, 19.1,
/// controlplane.md 8.2).
final class PolicyDerivation {
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";

  private final ObjectTables objects;
  private final MeshSettings settings;
  private final Table<String, Binding> intended;
  private final Index<String, String, GatewayObject> gatewaysByClass;

  PolicyDerivation(MeshIndex index, Index<String, String, GatewayObject> gatewaysByClass) {
    this.objects = index.objects();
    this.settings = index.settings();
    this.intended = index.intendedBindings();
    this.gatewaysByClass = gatewaysByClass;
  }

  @Nullable PolicyResult derive(AuthorizationPolicyObject policy, Reader reader) {
    return derive(
        policy,
        policy.targets(),
        PolicyRules.warning(policy),
        attached ->
            Resources.of(policy)
                .setAuthorizationPolicy(PolicyRules.convert(policy).addAllTargets(attached)),
        reader);
  }

  @Nullable PolicyResult derive(RequestAuthenticationObject policy, Reader reader) {
    return derive(
        policy,
        policy.targets(),
        null,
        attached ->
            Resources.of(policy)
                .setRequestAuthentication(TokenRules.convert(policy).addAllTargets(attached)),
        reader);
  }

  /// @param warning what is amiss with the policy wherever it is attached, or null
  private @Nullable PolicyResult derive(
      MeshObject policy,
      List<TargetRef> references,
      @Nullable String warning,
      Function<List<PolicyTarget>, Resource.Builder> config,
      Reader reader) {
    if (references.isEmpty()) {
      return null;
    }
    Map<String, List<PolicyTarget>> byWaypoint = new TreeMap<>();
    List<PolicyResult.Target> targets = new ArrayList<>();
    for (TargetRef target : references) {
      Verdict verdict = target(policy, target, byWaypoint, reader);
      if (verdict.holds() && warning != null) {
        verdict = new Verdict(true, "UnsupportedValue", verdict.message() + "; " + warning);
      }
      targets.add(new PolicyResult.Target(target, verdict));
    }
    Map<String, EncodedResource> resources = new TreeMap<>();
    byWaypoint.forEach(
        (waypoint, attached) ->
            resources.put(waypoint, Resources.encode(policy, config.apply(attached))));
    return new PolicyResult(Map.copyOf(resources), List.copyOf(targets));
  }

  private Verdict target(
      MeshObject policy,
      TargetRef target,
      Map<String, List<PolicyTarget>> byWaypoint,
      Reader reader) {
    String path = target.namespace() + "/" + target.name();
    if (target.group().isEmpty() && target.kind().equals("Service")) {
      return service(target, path, byWaypoint, reader);
    }
    if (target.group().equals(GATEWAY_GROUP) && target.kind().equals("Gateway")) {
      if (reader.get(objects.gateways, path) == null) {
        return new Verdict(false, "TargetNotFound", "Gateway " + path + " was not found");
      }
      attach(byWaypoint, path);
      return accepted(path);
    }
    if (target.group().equals(GATEWAY_GROUP) && target.kind().equals("GatewayClass")) {
      if (!policy.meta().namespace().equals(settings.rootNamespace())) {
        return new Verdict(
            false,
            "Invalid",
            policy.kind().kindName()
                + " must be in the root namespace `"
                + settings.rootNamespace()
                + "` when referencing a GatewayClass");
      }
      if (!WaypointClasses.isOurs(target.name())) {
        return new Verdict(
            false,
            "Invalid",
            "GatewayClass must use controller name `"
                + WaypointClasses.CONTROLLER
                + "` for waypoints");
      }
      for (GatewayObject gateway : reader.find(gatewaysByClass, target.name())) {
        attach(byWaypoint, gateway.key().path());
      }
      return accepted("every waypoint of class " + target.name());
    }
    return new Verdict(
        false,
        "Invalid",
        "target kind " + target.kind() + " of group \"" + target.group() + "\" is not supported");
  }

  private Verdict service(
      TargetRef target, String path, Map<String, List<PolicyTarget>> byWaypoint, Reader reader) {
    Binding binding = reader.get(intended, path);
    return switch (binding) {
      case null -> new Verdict(false, "TargetNotFound", "Service " + path + " was not found");
      case Binding.Bound bound -> {
        bound.addTo(
            byWaypoint,
            List.of(
                PolicyTarget.newBuilder()
                    .setService(
                        ServiceTarget.newBuilder()
                            .setNamespace(target.namespace())
                            .setHostname(settings.hostname(target.namespace(), target.name())))
                    .build()));
        yield accepted(bound.waypoint().path());
      }
      case Binding.Unbound() ->
          new Verdict(false, "AncestorNotBound", "Service " + path + " is not bound to a waypoint");
      case Binding.Denied denied ->
          new Verdict(
              false,
              "AncestorNotBound",
              "Service " + path + " is not bound to a waypoint: " + denied.message());
    };
  }

  private static Verdict accepted(String to) {
    return new Verdict(true, "Accepted", "bound to " + to);
  }

  private static void attach(Map<String, List<PolicyTarget>> byWaypoint, String waypoint) {
    byWaypoint
        .computeIfAbsent(waypoint, _ -> new ArrayList<>())
        .add(
            PolicyTarget.newBuilder().setWholeWaypoint(WholeWaypoint.getDefaultInstance()).build());
  }
}
