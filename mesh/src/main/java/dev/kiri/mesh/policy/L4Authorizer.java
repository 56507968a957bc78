package dev.kiri.mesh.policy;

import dev.kiri.mesh.policy.PolicyStep.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides whether a connection may reach a workload. Stateless and pure.
///
/// The order is upstream's (istio/ztunnel `src/state.rs`): DENY policies first, then ALLOW
/// policies; with no ALLOW policy for the workload everything is allowed. Dry runs only leave a
/// step.
public final class L4Authorizer {
  private L4Authorizer() {}

  /// Evaluates the policies on a connection.
  public static PolicyEvaluation evaluate(ApplicablePolicies applicable, L4Connection connection) {
    var steps = new ArrayList<PolicyStep>(4);
    for (String missing : applicable.missing()) {
      steps.add(new PolicyStep(Kind.UNKNOWN_POLICY, missing, null));
    }
    return new PolicyEvaluation(decide(applicable.policies(), connection, steps), steps);
  }

  private static PolicyVerdict decide(
      List<L4Policy> policies, L4Connection connection, List<PolicyStep> steps) {
    matching(policies, PolicyAction.DENY, true, connection, Kind.DRY_RUN_DENY_MATCH, steps);
    var deny = matching(policies, PolicyAction.DENY, false, connection, Kind.DENY_MATCH, steps);
    if (deny != null) {
      return new PolicyVerdict.Denied(
          new DenyReason.ExplicitlyDenied(deny.namespace(), deny.name()));
    }
    dryRunAllow(policies, connection, steps);
    if (!exists(policies, PolicyAction.ALLOW, false)) {
      steps.add(new PolicyStep(Kind.NO_ALLOW_POLICIES, null, null));
      return new PolicyVerdict.Allowed(null);
    }
    var allow = matching(policies, PolicyAction.ALLOW, false, connection, Kind.ALLOW_MATCH, steps);
    if (allow != null) {
      return new PolicyVerdict.Allowed(allow.displayName());
    }
    var names = allowing(policies);
    steps.add(new PolicyStep(Kind.NO_ALLOW_MATCH, null, String.join(", ", names)));
    return new PolicyVerdict.Denied(new DenyReason.NothingAllowed(names));
  }

  private static List<String> allowing(List<L4Policy> policies) {
    return policies.stream()
        .filter(policy -> policy.action() == PolicyAction.ALLOW && !policy.dryRun())
        .map(L4Policy::displayName)
        .toList();
  }

  private static void dryRunAllow(
      List<L4Policy> policies, L4Connection connection, List<PolicyStep> steps) {
    if (exists(policies, PolicyAction.ALLOW, true)
        && matching(policies, PolicyAction.ALLOW, true, connection, Kind.DRY_RUN_ALLOW_MATCH, steps)
            == null) {
      steps.add(new PolicyStep(Kind.DRY_RUN_NO_ALLOW_MATCH, null, null));
    }
  }

  private static boolean exists(List<L4Policy> policies, PolicyAction action, boolean dryRun) {
    for (var policy : policies) {
      if (policy.action() == action && policy.dryRun() == dryRun) {
        return true;
      }
    }
    return false;
  }

  /// The first policy of that kind that matches, leaving a step; for a dry run all that match
  /// leave one.
  private static @Nullable L4Policy matching(
      List<L4Policy> policies,
      PolicyAction action,
      boolean dryRun,
      L4Connection connection,
      Kind kind,
      List<PolicyStep> steps) {
    L4Policy first = null;
    for (var policy : policies) {
      if (policy.action() != action || policy.dryRun() != dryRun) {
        continue;
      }
      var detail = PolicyEvaluator.match(policy, connection);
      if (detail != null) {
        steps.add(new PolicyStep(kind, policy.displayName(), detail));
        if (!dryRun) {
          return policy;
        }
        first = first == null ? policy : first;
      }
    }
    return first;
  }
}
