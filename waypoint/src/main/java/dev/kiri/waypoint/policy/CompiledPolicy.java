package dev.kiri.waypoint.policy;

import java.util.List;

/// One AuthorizationPolicy, ready to be evaluated. Immutable; made by [PolicyCompiler].
public final class CompiledPolicy {
  /// What a match means.
  enum Action {
    ALLOW,
    DENY,
    AUDIT
  }

  private final String namespace;
  private final String name;
  private final Action action;
  private final boolean dryRun;
  private final List<Rule> rules;

  CompiledPolicy(String namespace, String name, Action action, boolean dryRun, List<Rule> rules) {
    this.namespace = namespace;
    this.name = name;
    this.action = action;
    this.dryRun = dryRun;
    this.rules = List.copyOf(rules);
  }

  /// A policy nobody can read: it denies whatever it is attached to.
  public static CompiledPolicy unreadable(String namespace, String name) {
    PolicyName id = new PolicyName(namespace, name, -1);
    return new CompiledPolicy(
        namespace, name, Action.DENY, false, List.of(Rule.of(id, List.of(), List.of(), List.of())));
  }

  public String namespace() {
    return namespace;
  }

  public String name() {
    return name;
  }

  public String action() {
    return action.name();
  }

  public boolean dryRun() {
    return dryRun;
  }

  public int ruleCount() {
    return rules.size();
  }

  boolean is(Action wanted) {
    return action == wanted;
  }

  List<Rule> rules() {
    return rules;
  }

  /// The same policy for a connection that is not HTTP.
  CompiledPolicy forTcp() {
    List<Rule> kept =
        action == Action.ALLOW
            ? rules.stream().filter(rule -> !rule.needsHttp()).toList()
            : rules.stream().map(Rule::widenedForTcp).toList();
    return new CompiledPolicy(namespace, name, action, dryRun, kept);
  }
}
