package dev.kiri.waypoint.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The outcome for one request or connection. Instances are made while compiling.
public sealed interface PolicyDecision {
  /// @param by the rule that allowed; null when no ALLOW policy exists
  record Allowed(@Nullable PolicyName by) implements PolicyDecision {}

  /// A rule forbade it.
  record Denied(PolicyName by) implements PolicyDecision {}

  /// ALLOW policies exist and none has a matching rule.
  ///
  /// @param policies those policies, `namespace/name` each
  record NothingAllowed(List<String> policies) implements PolicyDecision {
    public NothingAllowed {
      policies = List.copyOf(policies);
    }
  }

  /// Envoy's response code details for a denial, empty for a pass.
  default String details() {
    return switch (this) {
      case Allowed _ -> "";
      case Denied(PolicyName by) -> "rbac_access_denied_matched_policy[" + by.text() + "]";
      case NothingAllowed _ -> "rbac_access_denied_matched_policy[none]";
    };
  }
}
