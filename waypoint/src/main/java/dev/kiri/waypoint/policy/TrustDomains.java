package dev.kiri.waypoint.policy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Principals of a mesh that was known under several trust domains (waypoint reference, trust
/// domain expansion).
final class TrustDomains {
  private static final String LOCAL = "cluster.local";

  private TrustDomains() {}

  /// A principal `td/ns/x/sa/y` of our own mesh stands for one principal per trust domain;
  /// `cluster.local` always means the own mesh. Everything else stays as it is.
  static List<String> expand(String principal, Set<String> domains) {
    String[] segments = principal.split("/", -1);
    if (segments.length != 5 || segments[0].equals("*")) {
      return List.of(principal);
    }
    String rest = principal.substring(segments[0].length());
    List<String> expanded = new ArrayList<>();
    for (String domain : expandDomain(segments[0], domains)) {
      expanded.add(domain + rest);
    }
    return expanded;
  }

  static Set<String> expandDomain(String domain, Set<String> domains) {
    if (domain.equals("*")) {
      return Set.of(domain);
    }
    TextMatcher written = TextMatcher.parse(domain, false);
    Set<String> expanded = new LinkedHashSet<>();
    boolean ours = domain.equals(LOCAL);
    for (String one : domains) {
      ours |= written.matches(one);
    }
    if (!ours || domain.indexOf('*') >= 0) {
      expanded.add(domain);
    }
    if (ours) {
      for (String one : domains) {
        if (domain.indexOf('*') < 0 || !written.matches(one)) {
          expanded.add(one);
        }
      }
    }
    return expanded;
  }
}
