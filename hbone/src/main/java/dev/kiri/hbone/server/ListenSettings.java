package dev.kiri.hbone.server;

import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;

/// How a program listens for tunnels. Immutable. `transport` is what is wanted: the next best is
/// used where this machine does not have it. `loops` is the number of event-loop threads.
public record ListenSettings(
    ServerSettings server, TlsSettings tls, NettyTransport.Kind transport, int loops) {

  public static ListenSettings defaults() {
    return new ListenSettings(
        ServerSettings.DEFAULT, TlsSettings.defaults(), NettyTransport.Kind.EPOLL, 1);
  }

  public ListenSettings {
    if (loops < 1) {
      throw new IllegalArgumentException("a server needs at least one event loop");
    }
  }
}
