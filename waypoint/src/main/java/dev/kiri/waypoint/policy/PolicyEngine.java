package dev.kiri.waypoint.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The policies that apply to one service (or to what has none), in the order of evaluation.
/// Immutable; deciding allocates nothing.
public final class PolicyEngine {
  public static final PolicyEngine UNRESTRICTED = new PolicyEngine(List.of());

  private static final PolicyDecision NO_POLICY = new PolicyDecision.Allowed(null);

  private final List<CompiledPolicy> policies;
  private final List<Rule> deny;
  private final List<Rule> allow;
  private final List<CompiledPolicy> trial;

  /// Null without an ALLOW policy.
  private final @Nullable PolicyDecision otherwise;

  public PolicyEngine(List<CompiledPolicy> attached) {
    policies =
        attached.stream()
            .sorted(
                Comparator.comparing(CompiledPolicy::namespace).thenComparing(CompiledPolicy::name))
            .toList();
    List<CompiledPolicy> enforced = policies.stream().filter(p -> !p.dryRun()).toList();
    deny = rules(enforced, CompiledPolicy.Action.DENY);
    allow = rules(enforced, CompiledPolicy.Action.ALLOW);
    otherwise = otherwise(enforced);
    trial = policies.stream().filter(CompiledPolicy::dryRun).toList();
  }

  private static List<Rule> rules(List<CompiledPolicy> from, CompiledPolicy.Action action) {
    return from.stream().filter(p -> p.is(action)).flatMap(p -> p.rules().stream()).toList();
  }

  private static @Nullable PolicyDecision otherwise(List<CompiledPolicy> from) {
    List<String> names =
        from.stream()
            .filter(p -> p.is(CompiledPolicy.Action.ALLOW))
            .map(p -> p.namespace() + "/" + p.name())
            .toList();
    return names.isEmpty() ? null : new PolicyDecision.NothingAllowed(names);
  }

  public PolicyDecision decide(PolicyFacts facts) {
    return decide(deny, allow, otherwise, facts);
  }

  /// What the policies under trial (`istio.io/dry-run`) would have said; null without any.
  public @Nullable PolicyDecision trial(PolicyFacts facts) {
    if (trial.isEmpty()) {
      return null;
    }
    return decide(
        rules(trial, CompiledPolicy.Action.DENY),
        rules(trial, CompiledPolicy.Action.ALLOW),
        otherwise(trial),
        facts);
  }

  private static PolicyDecision decide(
      List<Rule> deny, List<Rule> allow, @Nullable PolicyDecision otherwise, PolicyFacts facts) {
    for (int i = 0; i < deny.size(); i++) {
      if (deny.get(i).matches(facts)) {
        return deny.get(i).denied();
      }
    }
    if (otherwise == null) {
      return NO_POLICY;
    }
    for (int i = 0; i < allow.size(); i++) {
      if (allow.get(i).matches(facts)) {
        return allow.get(i).allowed();
      }
    }
    return otherwise;
  }

  /// The engine for connections that are not HTTP.
  public PolicyEngine forTcp() {
    return new PolicyEngine(policies.stream().map(CompiledPolicy::forTcp).toList());
  }

  public List<CompiledPolicy> policies() {
    return new ArrayList<>(policies);
  }
}
