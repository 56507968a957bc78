package dev.kiri.waypoint.policy;

import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.PolicyCondition;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.PolicySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Compiles one AuthorizationPolicy. Pure.
public final class PolicyCompiler {
  private final String namespace;
  private final ConditionCompiler conditions;
  private String field = "";

  private PolicyCompiler(String namespace, Set<String> trustDomains) {
    this.namespace = namespace;
    this.conditions = new ConditionCompiler(namespace, trustDomains);
  }

  /// @param trustDomains the mesh's trust domain and its aliases
  /// @throws IllegalArgumentException naming field and value that cannot be understood
  public static CompiledPolicy compile(
      ObjectRef source, AuthorizationPolicy policy, Set<String> trustDomains) {
    return new PolicyCompiler(source.getNamespace(), trustDomains).compile(source, policy);
  }

  private CompiledPolicy compile(ObjectRef source, AuthorizationPolicy policy) {
    CompiledPolicy.Action action =
        switch (policy.getAction()) {
          case ALLOW -> CompiledPolicy.Action.ALLOW;
          case DENY -> CompiledPolicy.Action.DENY;
          case AUDIT -> CompiledPolicy.Action.AUDIT;
          // No provider can be asked: whatever the rules match is denied, as upstream does
          // for a provider it does not know.
          case CUSTOM -> CompiledPolicy.Action.DENY;
          case ACTION_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException("action: not one of ALLOW, DENY, AUDIT, CUSTOM");
        };
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < policy.getRulesCount(); i++) {
      field = "rules[" + i + "]";
      try {
        rules.add(rule(new PolicyName(namespace, source.getName(), i), policy.getRules(i)));
      } catch (IllegalArgumentException problem) {
        throw new IllegalArgumentException(field + ": " + problem.getMessage(), problem);
      }
    }
    return new CompiledPolicy(namespace, source.getName(), action, policy.getDryRun(), rules);
  }

  private Rule rule(PolicyName name, PolicyRule rule) {
    String at = field;
    List<List<Condition>> sources = new ArrayList<>();
    for (int i = 0; i < rule.getFromCount(); i++) {
      field = at + ".from[" + i + "]";
      sources.add(source(rule.getFrom(i)));
    }
    List<List<Condition>> operations = new ArrayList<>();
    for (int i = 0; i < rule.getToCount(); i++) {
      field = at + ".to[" + i + "]";
      operations.add(operation(rule.getTo(i)));
    }
    List<Condition> when = new ArrayList<>();
    for (int i = 0; i < rule.getWhenCount(); i++) {
      field = at + ".when[" + i + "]";
      PolicyCondition condition = rule.getWhen(i);
      add(when, condition.getKey(), condition.getValuesList(), condition.getNotValuesList(), true);
    }
    field = at;
    return Rule.of(name, sources, operations, when);
  }

  private List<Condition> source(PolicySource s) {
    List<Condition> all = new ArrayList<>();
    add(all, "principals", s.getPrincipalsList(), s.getNotPrincipalsList(), false);
    add(
        all,
        "requestPrincipals",
        s.getRequestPrincipalsList(),
        s.getNotRequestPrincipalsList(),
        false);
    add(all, "namespaces", s.getNamespacesList(), s.getNotNamespacesList(), false);
    add(all, "ipBlocks", s.getIpBlocksList(), s.getNotIpBlocksList(), false);
    add(all, "remoteIpBlocks", s.getRemoteIpBlocksList(), s.getNotRemoteIpBlocksList(), false);
    add(all, "serviceAccounts", s.getServiceAccountsList(), s.getNotServiceAccountsList(), false);
    add(all, "trustDomains", s.getTrustDomainsList(), s.getNotTrustDomainsList(), false);
    return all;
  }

  private List<Condition> operation(PolicyOperation o) {
    List<Condition> all = new ArrayList<>();
    add(all, "hosts", o.getHostsList(), o.getNotHostsList(), false);
    add(all, "ports", o.getPortsList(), o.getNotPortsList(), false);
    add(all, "methods", o.getMethodsList(), o.getNotMethodsList(), false);
    add(all, "paths", o.getPathsList(), o.getNotPathsList(), false);
    return all;
  }

  private void add(
      List<Condition> to, String name, List<String> values, List<String> not, boolean required) {
    if (values.isEmpty() && not.isEmpty()) {
      if (required) {
        throw new IllegalArgumentException("\"" + name + "\" has neither values nor notValues");
      }
      return;
    }
    String at = field;
    field = at + "." + name;
    to.add(conditions.condition(name, values, not));
    field = at;
  }
}
