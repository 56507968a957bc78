package dev.kiri.waypoint.config;

import dev.kiri.waypoint.config.v1.Protocol;

/// What a service port speaks, as far as a waypoint cares.
public enum PortProtocol {
  /// HTTP/1.1 or HTTP/2, told apart by the first bytes.
  HTTP,
  HTTP2,
  TCP,
  /// Nobody said: recognised from the first bytes, TCP when none arrive in time.
  SNIFF;

  static PortProtocol of(Protocol declared) {
    return switch (declared) {
      case HTTP -> HTTP;
      case HTTP2, GRPC, GRPC_WEB -> HTTP2;
      case TCP, TLS -> TCP;
      case PROTOCOL_UNSPECIFIED, UNRECOGNIZED -> SNIFF;
    };
  }
}
