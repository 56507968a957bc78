/// The way of a request through the waypoint: tunnel stream → protocol → route and filters →
/// endpoint, and back.
///
/// [WaypointTunnels] accepts CONNECT requests as [ConnectDecider] says; a [ClientStream] finds out
/// the protocol; each request is an [Exchange], each try at an endpoint an [Attempt]. One loop owns
/// everything of a stream ([LoopState]).
@NullMarked
package dev.kiri.waypoint.proxy;

import org.jspecify.annotations.NullMarked;
