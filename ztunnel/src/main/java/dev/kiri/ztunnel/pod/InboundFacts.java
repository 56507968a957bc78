package dev.kiri.ztunnel.pod;

import dev.kiri.ztunnel.inbound.InboundRoute;
import dev.kiri.ztunnel.telemetry.ConnectionFacts;
import dev.kiri.ztunnel.telemetry.Direction;
import dev.kiri.ztunnel.telemetry.PeerLabels;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What an inbound route means for log and labels. Pure.
final class InboundFacts {
  private InboundFacts() {}

  /// `arrivedAt` is where the connection reached the pod, `hboneTarget` what it asked for there, if
  /// it came in a tunnel.
  static ConnectionFacts of(
      InboundRoute route, InetSocketAddress arrivedAt, @Nullable String hboneTarget) {
    var destination = route.destination();
    return new ConnectionFacts(
        Direction.INBOUND,
        route.connection().source(),
        source(route),
        route.connection().peer(),
        arrivedAt,
        hboneTarget,
        route.service(),
        PeerLabels.of(destination),
        hboneTarget == null ? null : destination.identity(),
        destination.identity());
  }

  /// The workload at the peer's address wins over what the peer says.
  private static @Nullable PeerLabels source(InboundRoute route) {
    if (route.source() != null) {
      return PeerLabels.of(route.source());
    }
    return route.told() == null ? null : PeerLabels.of(route.told());
  }
}
