package dev.kiri.mesh.xds;

import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import java.time.Duration;

/// What a discovery client needs to know.
///
/// @param node who we say we are
/// @param firstPause base of the pause before a reconnection; doubled with each failure
/// @param longestPause its bound
/// @param stableAfter how long a stream must last for the pause to start small again
public record XdsSettings(
    ControlPlaneEndpoint endpoint,
    NodeDescription node,
    Duration firstPause,
    Duration longestPause,
    Duration stableAfter) {

  /// Upstream's pauses: 10 ms doubling to 15 s.
  public static XdsSettings of(ControlPlaneEndpoint endpoint, NodeDescription node) {
    return new XdsSettings(
        endpoint, node, Duration.ofMillis(10), Duration.ofSeconds(15), Duration.ofSeconds(30));
  }
}
