package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// One match of a rule: all its conditions must hold. Matches, not rules, are what precedence
/// orders.
///
/// @param method empty: any
/// @param created creation time of the route, older first
/// @param position order of the match within its route, over all rules
public record RouteMatch(
    PathMatch path,
    List<ValueMatch.OfHeader> headers,
    List<ValueMatch.OfQuery> queries,
    ByteText method,
    HttpRule rule,
    Instant created,
    int position,
    RouteDecision decision) {

  /// Gateway API, HTTPRouteRule.matches: path type and length, method, number of headers, number of
  /// query parameters, then the older route, the alphabet, the order in the route.
  static final Comparator<RouteMatch> PRECEDENCE =
      Comparator.comparingInt((RouteMatch m) -> -m.path.rank())
          .thenComparingInt(m -> -m.path.characters())
          .thenComparingInt(m -> m.method.isEmpty() ? 1 : 0)
          .thenComparingInt(m -> -m.headers.size())
          .thenComparingInt(m -> -m.queries.size())
          .thenComparing(RouteMatch::created)
          .thenComparing(m -> m.rule.name().namespace() + "/" + m.rule.name().route())
          .thenComparingInt(RouteMatch::position);

  public static RouteMatch of(
      PathMatch path,
      List<ValueMatch.OfHeader> headers,
      List<ValueMatch.OfQuery> queries,
      String method,
      HttpRule rule,
      Instant created,
      int position) {
    return new RouteMatch(
        path,
        List.copyOf(headers),
        List.copyOf(queries),
        ByteText.of(method),
        rule,
        created,
        position,
        rule.broken() == null
            ? new RouteDecision.Matched(rule, path)
            : new RouteDecision.Broken(rule, path, rule.broken()));
  }

  /// Everything but the path.
  boolean conditionsHold(Head head) {
    if (!method.isEmpty() && !head.is(head.method(), method)) {
      return false;
    }
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.get(i).matches(head)) {
        return false;
      }
    }
    for (int i = 0; i < queries.size(); i++) {
      if (!queries.get(i).matches(head)) {
        return false;
      }
    }
    return true;
  }
}
