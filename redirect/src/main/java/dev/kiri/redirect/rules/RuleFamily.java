package dev.kiri.redirect.rules;

/// Which packets a rule is about.
public enum RuleFamily {
  IPV4,
  IPV6,
  BOTH
}
