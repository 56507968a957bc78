package dev.kiri.hbone.bridge;

import io.netty.channel.Channel;

/// Joins two TCP channels on one event loop. Confined to it.
@SuppressWarnings("DoNotCallSuggester")
public final class TcpBridge {

  public static TcpBridge join(Channel first, Channel second, BridgeObserver observer) {
    throw new UnsupportedOperationException();
  }

  private TcpBridge() {}

  public void abort() {
    throw new UnsupportedOperationException();
  }
}
