/// The protocol sides of a request: HTTP/1.1 by a reader of our own, HTTP/2 by Netty's codec, both
/// behind [Downstream] (towards the client) and [Upstream] (towards the endpoint).
///
/// A message is a [dev.kiri.waypoint.head.Head], then payload slices, then its end; framing stays
/// in here. Buffers are borrowed for the length of a call. Everything about one stream happens on
/// its event loop. Back-pressure: `body` answers false when the other side does not keep up;
/// flow-control credit is given back by `consumed`, and only for what went on.
@NullMarked
package dev.kiri.waypoint.http;

import org.jspecify.annotations.NullMarked;
