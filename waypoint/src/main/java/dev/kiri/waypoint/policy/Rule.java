package dev.kiri.waypoint.policy;

import java.util.List;

/// One rule: some source, and some operation, and every `when`. An empty list of sources or
/// operations is no condition.
record Rule(
    PolicyName name,
    List<List<Condition>> sources,
    List<List<Condition>> operations,
    List<Condition> when,
    PolicyDecision.Denied denied,
    PolicyDecision.Allowed allowed) {

  static Rule of(
      PolicyName name,
      List<List<Condition>> sources,
      List<List<Condition>> operations,
      List<Condition> when) {
    return new Rule(
        name,
        List.copyOf(sources),
        List.copyOf(operations),
        List.copyOf(when),
        new PolicyDecision.Denied(name),
        new PolicyDecision.Allowed(name));
  }

  boolean matches(PolicyFacts facts) {
    return any(sources, facts) && any(operations, facts) && all(when, facts);
  }

  boolean needsHttp() {
    return needsHttp(when)
        || sources.stream().anyMatch(Rule::needsHttp)
        || operations.stream().anyMatch(Rule::needsHttp);
  }

  private static boolean needsHttp(List<Condition> conditions) {
    return conditions.stream().anyMatch(Condition::http);
  }

  /// Without what a TCP connection cannot have; matches more.
  Rule widenedForTcp() {
    return of(
        name,
        sources.stream().map(Rule::withoutHttp).toList(),
        operations.stream().map(Rule::withoutHttp).toList(),
        withoutHttp(when));
  }

  private static List<Condition> withoutHttp(List<Condition> conditions) {
    return conditions.stream().filter(c -> !c.http()).toList();
  }

  private static boolean any(List<List<Condition>> alternatives, PolicyFacts facts) {
    for (int i = 0; i < alternatives.size(); i++) {
      if (all(alternatives.get(i), facts)) {
        return true;
      }
    }
    return alternatives.isEmpty();
  }

  private static boolean all(List<Condition> conditions, PolicyFacts facts) {
    for (int i = 0; i < conditions.size(); i++) {
      if (!conditions.get(i).holds(facts)) {
        return false;
      }
    }
    return true;
  }
}
