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
/// @param others what only VirtualServices can ask
/// @param port of the service; 0: any
/// @param created creation time of the route, older first
/// @param position order of the match within its route, over all rules
/// @param rank place in its table, 0 first; set by the table
public record RouteMatch(
    PathMatch path,
    List<ValueMatch.OfHeader> headers,
    List<ValueMatch.OfQuery> queries,
    ByteText method,
    List<RequestCondition> others,
    int port,
    HttpRule rule,
    Instant created,
    int position,
    int rank,
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

  /// VirtualServices: the order in which they are written, the older object first; behind all
  /// objects' rules those that take everything.
  static final Comparator<RouteMatch> AS_WRITTEN =
      Comparator.comparingInt((RouteMatch m) -> m.takesAll() ? 1 : 0)
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
        List.of(),
        0,
        rule,
        created,
        position,
        0,
        rule.broken() == null
            ? new RouteDecision.Matched(rule, path)
            : new RouteDecision.Broken(rule, path, rule.broken()));
  }

  /// The same with further conditions.
  public RouteMatch with(List<RequestCondition> more, int onPort) {
    return new RouteMatch(
        path,
        headers,
        queries,
        method,
        List.copyOf(more),
        onPort,
        rule,
        created,
        position,
        rank,
        decision);
  }

  RouteMatch ranked(int place) {
    return new RouteMatch(
        path, headers, queries, method, others, port, rule, created, position, place, decision);
  }

  private boolean takesAll() {
    boolean anyPath =
        switch (path) {
          case PathMatch.Any _ -> true;
          case PathMatch.Prefix(String text) -> text.equals("/");
          case PathMatch.TextPrefix(String text) -> text.equals("/");
          case PathMatch.Regex(var pattern, _) -> pattern.pattern().equals(".*");
          case PathMatch.Exact _, PathMatch.Caseless _ -> false;
        };
    return anyPath
        && headers.isEmpty()
        && queries.isEmpty()
        && method.isEmpty()
        && others.isEmpty();
  }

  /// Everything but the path and the port.
  boolean conditionsHold(Head head, RouteClient client) {
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
    for (int i = 0; i < others.size(); i++) {
      if (!others.get(i).holds(head, client)) {
        return false;
      }
    }
    return true;
  }
}
