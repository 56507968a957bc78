package dev.kiri.waypoint.route;

import org.jspecify.annotations.Nullable;

/// All routes that apply to one set of clients on a service port. Immutable.
///
/// @param requests null where connections are not taken apart into requests, or where requests go
/// to
///     the service's own endpoints
/// @param connections null where only requests are routed
public record RouteSet(@Nullable RouteTable requests, @Nullable ConnectionRoutes connections) {
  /// Whether the port carries bytes whatever it was declared to speak: only its connections are
  /// routed.
  public boolean bytes() {
    return requests == null && connections != null;
  }
}
