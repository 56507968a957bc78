package dev.kiri.ztunnel;

import dev.kiri.mesh.policy.FieldValues;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.PolicyAction;
import dev.kiri.mesh.policy.PolicyMatch;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.policy.StringMatcher;
import java.util.List;

/// Policies of namespace `ns` with a single condition.
public final class TestPolicies {
  private TestPolicies() {}

  public static L4Policy denyPort(int port) {
    var match = PolicyMatch.builder().destinationPorts(FieldValues.of(List.of(port))).build();
    return policy("deny-" + port, PolicyScope.NAMESPACE, PolicyAction.DENY, match);
  }

  public static L4Policy allowPort(int port) {
    var match = PolicyMatch.builder().destinationPorts(FieldValues.of(List.of(port))).build();
    return policy("allow-" + port, PolicyScope.NAMESPACE, PolicyAction.ALLOW, match);
  }

  public static L4Policy allowPrincipal(String principal) {
    var match =
        PolicyMatch.builder()
            .principals(FieldValues.of(List.of(new StringMatcher.Exact(principal))))
            .build();
    return policy("allow", PolicyScope.NAMESPACE, PolicyAction.ALLOW, match);
  }

  /// What strict mutual TLS comes down to: whoever has no identity is denied.
  public static L4Policy denyPlaintext() {
    var match =
        PolicyMatch.builder()
            .notPrincipals(FieldValues.of(List.of(new StringMatcher.Presence())))
            .build();
    return policy("strict", PolicyScope.NAMESPACE, PolicyAction.DENY, match);
  }

  /// Allows nobody, at workloads that list it as `key`.
  public static L4Policy selected(String key) {
    return new L4Policy(
        key,
        "ns",
        key.substring(key.indexOf('/') + 1),
        PolicyScope.WORKLOAD_SELECTOR,
        PolicyAction.ALLOW,
        false,
        List.of());
  }

  /// The same, to be reported and not enforced.
  public static L4Policy dryRun(L4Policy policy) {
    return new L4Policy(
        policy.key(),
        policy.namespace(),
        policy.name(),
        policy.scope(),
        policy.action(),
        true,
        policy.groups());
  }

  private static L4Policy policy(
      String name, PolicyScope scope, PolicyAction action, PolicyMatch match) {
    var group = new L4Policy.Group(List.of(new L4Policy.Clause(List.of(match))));
    return new L4Policy("ns/" + name, "ns", name, scope, action, false, List.of(group));
  }
}
