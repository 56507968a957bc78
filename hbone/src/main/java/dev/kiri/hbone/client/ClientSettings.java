package dev.kiri.hbone.client;

import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;

/// How a client dials. Immutable. `transport` is what is wanted: the next best is used where this
/// machine does not have it. `loops` is the number of event-loop threads.
public record ClientSettings(
    PoolSettings pool, TlsSettings tls, NettyTransport.Kind transport, int loops) {

  public static ClientSettings defaults() {
    return new ClientSettings(
        PoolSettings.DEFAULT, TlsSettings.defaults(), NettyTransport.Kind.EPOLL, 1);
  }

  public ClientSettings {
    if (loops < 1) {
      throw new IllegalArgumentException("a client needs at least one event loop");
    }
  }
}
