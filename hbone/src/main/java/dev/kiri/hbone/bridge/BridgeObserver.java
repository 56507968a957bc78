package dev.kiri.hbone.bridge;

import org.jspecify.annotations.Nullable;

/// Counts what a bridge moves and hears how it ended. Called on the bridge's loop; must not block.
public interface BridgeObserver {

  /// Sees nothing.
  BridgeObserver NONE = new BridgeObserver() {};

  /// Bytes from the TCP channel (for a pair of TCP channels: from the first one) to the other side.
  default void sent(long bytes) {}

  /// Bytes from the other side to the TCP channel.
  default void received(long bytes) {}

  /// Both directions are over; null if cleanly, else upstream's text of the copy that failed.
  default void closed(@Nullable String errorText) {}
}
