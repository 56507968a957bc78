package dev.kiri.hbone.bridge;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamHandler;
import io.netty.channel.Channel;

/// Joins an application's TCP channel with a stream. Confined to the channel's event loop.
@SuppressWarnings("DoNotCallSuggester")
public final class StreamBridge {

  public static StreamBridge attach(Channel tcp, BridgeObserver observer) {
    throw new UnsupportedOperationException();
  }

  private StreamBridge() {}

  public StreamHandler handler() {
    throw new UnsupportedOperationException();
  }

  public void join(HboneStream stream) {
    throw new UnsupportedOperationException();
  }

  public void abort() {
    throw new UnsupportedOperationException();
  }
}
