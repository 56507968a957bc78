package dev.kiri.waypoint.route;

/// Where a request goes, decided before anything is done about it. Instances are made while
/// compiling: deciding allocates nothing.
public sealed interface RouteDecision {
  /// A rule that can be honoured.
  record Matched(HttpRule rule, PathMatch by) implements RouteDecision {}

  /// The rule that matches cannot be honoured: 500, and the reason in log and `explain`.
  record Broken(HttpRule rule, PathMatch by, String reason) implements RouteDecision {}

  /// The service port has routes and none matches: 404.
  record NoMatch() implements RouteDecision {}

  /// No route covers the service port: on to its own endpoints.
  record Unrouted() implements RouteDecision {}
}
