package dev.kiri.redirect.rules;

import java.util.List;

/// One rule of a pod.
public record Rule(
    RuleId id,
    RuleTable table,
    RuleChain chain,
    RuleFamily family,
    List<Match> matches,
    Target target) {
  public Rule {
    matches = List.copyOf(matches);
  }
}
