package dev.kiri.controlplane.status;

import dev.kiri.controlplane.index.AuthorizationConversion;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.PeerAuthenticationObject;
import dev.kiri.controlplane.kinds.RequestAuthenticationObject;
import dev.kiri.controlplane.waypointconfig.PolicyResult;
import dev.kiri.controlplane.waypointconfig.Verdict;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Status of policies (controlplane.md 8.2).
final class PolicyStatus {
  private PolicyStatus() {}

  static Map<String, Object> authorization(
      AuthorizationPolicyObject policy, @Nullable PolicyResult result, MeshSettings settings) {
    long generation = policy.meta().generation();
    if (result != null) {
      return GatewayStatus.conditions(
          Condition.of("WaypointAccepted", summary(result.targets()), generation));
    }
    var converted = AuthorizationConversion.convert(policy, settings);
    String warning = converted.warning();
    if (warning == null) {
      return GatewayStatus.conditions(
          Condition.yes("ZtunnelAccepted", "Accepted", "attached to ztunnel", generation));
    }
    return GatewayStatus.conditions(
        Condition.of(
            "ZtunnelAccepted",
            new Verdict(converted.policy() != null, "UnsupportedValue", warning),
            generation));
  }

  /// Without targets no proxy verifies tokens: ztunnels see no requests, and waypoints leave
  /// objects with a selector or for a namespace alone, as upstream's do (waypoint.md 19.1).
  static Map<String, Object> tokens(
      RequestAuthenticationObject policy, @Nullable PolicyResult result) {
    long generation = policy.meta().generation();
    return GatewayStatus.conditions(
        result == null
            ? Condition.no(
                "WaypointAccepted",
                "UnsupportedValue",
                "tokens are verified by waypoints only: name Services or a Gateway in targetRefs",
                generation)
            : Condition.of("WaypointAccepted", summary(result.targets()), generation));
  }

  /// One target speaks for itself; of several, those that failed are named.
  private static Verdict summary(List<PolicyResult.Target> targets) {
    if (targets.size() == 1) {
      return targets.getFirst().accepted();
    }
    List<PolicyResult.Target> failed =
        targets.stream().filter(target -> !target.accepted().holds()).toList();
    if (failed.isEmpty()) {
      return new Verdict(
          true,
          "Accepted",
          targets.stream()
              .map(target -> target.accepted().message())
              .distinct()
              .collect(Collectors.joining("; ")));
    }
    String names =
        failed.stream().map(target -> target.reference().text()).collect(Collectors.joining(", "));
    return new Verdict(
        failed.size() < targets.size(),
        failed.size() < targets.size() ? "PartiallyInvalid" : "Invalid",
        "Invalid targetRefs: " + names);
  }

  static Map<String, Object> peers(PeerAuthenticationObject policy, MeshSettings settings) {
    boolean ignored =
        policy.selector() != null && policy.meta().namespace().equals(settings.rootNamespace());
    return GatewayStatus.conditions(
        ignored
            ? Condition.no(
                "ZtunnelAccepted",
                "UnsupportedValue",
                "a selector in the root namespace is ignored",
                policy.meta().generation())
            : Condition.yes(
                "ZtunnelAccepted", "Accepted", "attached to ztunnel", policy.meta().generation()));
  }
}
