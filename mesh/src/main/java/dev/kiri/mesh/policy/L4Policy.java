package dev.kiri.mesh.policy;

import java.util.List;

/// An authorisation policy as ztunnels receive it.
///
/// @param key the name under which it was received, and by which workloads refer to it; normally
///     `namespace/name`
/// @param dryRun evaluated and reported, but without effect
/// @param groups any of them makes the policy match; none: it never matches
public record L4Policy(
    String key,
    String namespace,
    String name,
    PolicyScope scope,
    PolicyAction action,
    boolean dryRun,
    List<Group> groups) {

  public L4Policy {
    groups = List.copyOf(groups);
  }

  /// A policy of which nothing more is understood than its name: it denies where it applies.
  ///
  /// @param key the name it was received under
  /// @param why what could not be understood
  public static L4Policy notUnderstood(
      String key, String namespace, String name, PolicyScope scope, String why) {
    var match = PolicyMatch.builder().unreadable(why).build();
    var group = new Group(List.of(new Clause(List.of(match))));
    return new L4Policy(key, namespace, name, scope, PolicyAction.DENY, false, List.of(group));
  }

  /// The name in verdicts and logs: `namespace/name`.
  public String displayName() {
    return namespace + "/" + name;
  }

  /// A rule: all of its clauses must match; none: it matches everything.
  public record Group(List<Clause> clauses) {
    public Group {
      clauses = List.copyOf(clauses);
    }
  }

  /// A part of a rule: any of its matches must match; none: it matches.
  public record Clause(List<PolicyMatch> matches) {
    public Clause {
      matches = List.copyOf(matches);
    }
  }
}
