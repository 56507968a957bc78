package dev.kiri.waypoint.policy;

import java.util.List;
import java.util.function.Predicate;

/// One field of a source, an operation or a `when`: some value must match, and no excluded one may.
///
/// @param field as the user wrote it, for `explain`
/// @param http whether only a request can have it: on a TCP connection an ALLOW rule with it never
///     matches, and a DENY rule loses it and so denies more (upstream's rule)
record Condition(
    String field,
    boolean http,
    List<Predicate<PolicyFacts>> anyOf,
    List<Predicate<PolicyFacts>> noneOf) {

  Condition {
    anyOf = List.copyOf(anyOf);
    noneOf = List.copyOf(noneOf);
  }

  boolean holds(PolicyFacts facts) {
    return (anyOf.isEmpty() || any(anyOf, facts)) && !any(noneOf, facts);
  }

  private static boolean any(List<Predicate<PolicyFacts>> matchers, PolicyFacts facts) {
    for (int i = 0; i < matchers.size(); i++) {
      if (matchers.get(i).test(facts)) {
        return true;
      }
    }
    return false;
  }
}
