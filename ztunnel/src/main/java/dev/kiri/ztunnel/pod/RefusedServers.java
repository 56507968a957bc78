package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.pool.PoolObserver;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.ztunnel.telemetry.Direction;
import dev.kiri.ztunnel.telemetry.Telemetry;

/// Counts the tunnels of a pod, those inside other tunnels too, that a server did not get because
/// of its certificate, or lost because it is revoked by now.
record RefusedServers(Telemetry telemetry) implements PoolObserver {
  @Override
  public void tunnelFailed(TunnelKey key, HboneFailure failure) {
    if (failure instanceof HboneFailure.TlsRefused(var why)) {
      telemetry.peerRejected(Direction.OUTBOUND, why);
    }
  }

  @Override
  public void tunnelClosed(TunnelKey key, String text) {
    if (text.equals(StreamClosed.PeerRevoked.TEXT)) {
      telemetry.peerRevoked(Direction.OUTBOUND);
    }
  }
}
