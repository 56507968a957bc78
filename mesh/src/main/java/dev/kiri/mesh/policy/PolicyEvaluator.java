package dev.kiri.mesh.policy;

import dev.kiri.mesh.policy.L4Policy.Clause;
import dev.kiri.mesh.policy.L4Policy.Group;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether one policy takes hold of a connection. What it cannot read counts for a DENY policy,
/// and does not count for an ALLOW policy.
final class PolicyEvaluator {
  private PolicyEvaluator() {}

  /// Which rule took hold, or null if none did.
  static @Nullable String match(L4Policy policy, L4Connection connection) {
    int number = 0;
    for (var group : policy.groups()) {
      number++;
      var truth = test(group, connection);
      if (truth == Truth.YES) {
        return "rule " + number;
      }
      if (truth == Truth.UNKNOWN && policy.action() == PolicyAction.DENY) {
        return "rule "
            + number
            + ", which has conditions that cannot be read: "
            + unreadable(group);
      }
    }
    return null;
  }

  private static Truth test(Group group, L4Connection connection) {
    var truth = Truth.YES;
    for (var clause : group.clauses()) {
      truth = truth.and(test(clause, connection));
      if (truth == Truth.NO) {
        return truth;
      }
    }
    return truth;
  }

  private static Truth test(Clause clause, L4Connection connection) {
    if (clause.matches().isEmpty()) {
      return Truth.YES;
    }
    var truth = Truth.NO;
    for (var match : clause.matches()) {
      truth = truth.or(match.test(connection));
      if (truth == Truth.YES) {
        return truth;
      }
    }
    return truth;
  }

  private static String unreadable(Group group) {
    List<String> all =
        group.clauses().stream()
            .flatMap(clause -> clause.matches().stream())
            .flatMap(match -> match.allUnreadable().stream())
            .toList();
    return String.join(", ", all);
  }
}
