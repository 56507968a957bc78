package dev.kiri.waypoint.policy;

/// One rule of one policy, as logs and `explain` print it.
///
/// @param rule position in the policy, from 0; -1 for a policy that could not be understood as a
///     whole
public record PolicyName(String namespace, String policy, int rule) {
  /// Upstream's form: `ns[shop]-policy[read-only]-rule[0]`.
  public String text() {
    return "ns["
        + namespace
        + "]-policy["
        + policy
        + "]-rule["
        + (rule < 0 ? "invalid" : rule)
        + "]";
  }

  @Override
  public String toString() {
    return namespace + "/" + policy + (rule < 0 ? "" : " rule " + rule);
  }
}
