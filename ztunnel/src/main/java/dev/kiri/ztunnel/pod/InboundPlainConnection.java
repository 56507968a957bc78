package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.bridge.TcpBridge;
import dev.kiri.ztunnel.inbound.InboundRoute;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// A plain connection, connected to the application. Confined to the client channel's event loop.
final class InboundPlainConnection extends InboundConnection {
  private final Channel client;
  private final HeldInput held;
  private @Nullable Runnable cancelDial;
  private @Nullable TcpBridge bridge;

  InboundPlainConnection(
      Pod pod, Channel client, HeldInput held, InboundRoute route, long startNanos) {
    super(
        pod,
        client.eventLoop(),
        route,
        InboundFacts.of(route, route.connection().destination(), null),
        startNanos);
    this.client = client;
    this.held = held;
  }

  @Override
  void dialling(Runnable cancel) {
    cancelDial = cancel;
  }

  @Override
  void join(Channel application) {
    bridge = TcpBridge.join(client, application, new Observer(false));
    held.release();
  }

  @Override
  void refuse() {
    client.close();
  }

  @Override
  void cut() {
    if (cancelDial != null) {
      cancelDial.run();
    }
    if (bridge != null) {
      bridge.abort();
    }
    client.close();
  }
}
