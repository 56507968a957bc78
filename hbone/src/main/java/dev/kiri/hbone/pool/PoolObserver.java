package dev.kiri.hbone.pool;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.TunnelPeer;

/// What happens in a pool, one method per fact. Called on the loop of the tunnel; must not block.
public interface PoolObserver {

  /// Sees nothing.
  PoolObserver NONE = new PoolObserver() {};

  default void tunnelOpened(TunnelKey key, TunnelPeer peer) {}

  default void tunnelFailed(TunnelKey key, HboneFailure failure) {}

  /// `text` says why.
  default void tunnelClosed(TunnelKey key, String text) {}
}
