package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import dev.kiri.ztunnel.telemetry.ConnectionFacts;
import dev.kiri.ztunnel.telemetry.Direction;
import dev.kiri.ztunnel.telemetry.PeerLabels;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What an outbound decision means for log, labels and the peer. Pure.
final class OutboundFacts {
  private OutboundFacts() {}

  static ConnectionFacts of(
      OutboundDecision.Tunnel tunnel, Workload local, InetSocketAddress source) {
    var destination = tunnel.destination();
    return new ConnectionFacts(
        Direction.OUTBOUND,
        source,
        PeerLabels.of(local),
        local.identity(),
        tunnel.nextHop(),
        tunnel.authority().toString(),
        tunnel.service(),
        PeerLabels.of(destination),
        destination.identity(),
        destination.identity());
  }

  /// Before the inner tunnel stands, the destination is the gateway; then it is who answered, as
  /// far as `told` and `peer` say (istio/ztunnel `src/proxy/outbound.rs`).
  static ConnectionFacts of(
      OutboundDecision.TunnelInTunnel nested,
      Workload local,
      InetSocketAddress source,
      @Nullable Baggage told,
      @Nullable SpiffeId peer) {
    var gateway = nested.destination();
    var identity = peer == null ? gateway.identity() : peer;
    return new ConnectionFacts(
        Direction.OUTBOUND,
        source,
        PeerLabels.of(local),
        local.identity(),
        nested.nextHop(),
        nested.authority().toString(),
        nested.service(),
        told == null ? PeerLabels.of(gateway) : PeerLabels.of(told),
        identity,
        identity);
  }

  static ConnectionFacts of(
      OutboundDecision.Plaintext plain, Workload local, InetSocketAddress source) {
    var destination = plain.destination();
    return new ConnectionFacts(
        Direction.OUTBOUND,
        source,
        PeerLabels.of(local),
        null,
        plain.nextHop(),
        null,
        plain.service(),
        destination == null ? null : PeerLabels.of(destination),
        null,
        destination == null ? null : destination.identity());
  }

  /// What a workload tells about itself.
  static Baggage baggage(Workload local) {
    return new Baggage(
        local.clusterId(),
        local.namespace(),
        local.workloadType().text(),
        local.workloadName(),
        local.canonicalName(),
        local.canonicalRevision(),
        local.locality().region(),
        local.locality().zone());
  }

  /// The log's text for a tunnel that did not open.
  static String text(HboneFailure failure) {
    return switch (failure) {
      case HboneFailure.NoCertificate missing -> "identity error: " + missing.message();
      case HboneFailure other -> other.message();
    };
  }
}
