package dev.kiri.ztunnel.balance;

/// What an endpoint is wanted for.
public enum EndpointUse {
  /// To serve a port of its service, which must define that port.
  STANDARD,
  /// To be a waypoint: an endpoint behind an application tunnel needs no port of its own.
  WAYPOINT
}
