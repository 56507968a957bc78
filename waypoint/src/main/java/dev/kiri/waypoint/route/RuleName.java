package dev.kiri.waypoint.route;

/// Which rule of which user object; what logs, metrics and `explain` print.
///
/// @param index position of the rule in its route, from 0
/// @param rule the rule's own name, empty without one
public record RuleName(String kind, String namespace, String route, int index, String rule) {
  /// The name the rule has in an access log: its own, else `<namespace>.<route>.<index>` as
  /// upstream writes it.
  public String text() {
    return rule.isEmpty() ? namespace + "." + route + "." + index : rule;
  }

  /// The object and the rule, for people: `HTTPRoute shop/catalog rule 0`.
  @Override
  public String toString() {
    return kind
        + " "
        + namespace
        + "/"
        + route
        + " rule "
        + index
        + (rule.isEmpty() ? "" : " (" + rule + ")");
  }
}
