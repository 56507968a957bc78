package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.pool.PoolObserver;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.ztunnel.telemetry.Direction;
import dev.kiri.ztunnel.telemetry.Telemetry;

/// Counts the tunnels of a pod's pool that a revoked server did not get, or lost.
record RevokedServers(Telemetry telemetry) implements PoolObserver {
  @Override
  public void tunnelFailed(TunnelKey key, HboneFailure failure) {
    if (failure instanceof HboneFailure.TlsRefused(PeerRejected.Revoked _)) {
      telemetry.peerRevoked(Direction.OUTBOUND);
    }
  }

  @Override
  public void tunnelClosed(TunnelKey key, String text) {
    if (text.equals(StreamClosed.PeerRevoked.TEXT)) {
      telemetry.peerRevoked(Direction.OUTBOUND);
    }
  }
}
