package dev.kiri.waypoint.route;

/// All routes of one kind that apply to one set of clients on a service port. Kinds never merge: a
/// port carries requests or connections. Immutable.
public sealed interface RouteSet permits RouteTable, ConnectionRoutes {}
