/// Which rule of which route a request takes: host (the service and port that was addressed) → path
/// → conditions.
///
/// [ServiceRoutes#decide] is the entry: a pure function from a head and the client's proven
/// namespace to a [RouteDecision], shared by the data path and `explain`. Everything is compiled
/// once, immutable and free of allocation while matching (regular expressions excepted). Precedence
/// is that of the Gateway API, HTTPRoute.
@NullMarked
package dev.kiri.waypoint.route;

import org.jspecify.annotations.NullMarked;
