package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.bridge.TcpBridge;
import dev.kiri.ztunnel.inbound.InboundRoute;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// A plain connection, connected to the application. Confined to the client channel's event loop.
final class InboundPlainConnection extends InboundConnection {
  private final Channel client;
  private @Nullable Runnable cancelDial;
  private @Nullable TcpBridge bridge;

  InboundPlainConnection(Pod pod, Channel client, InboundRoute route, long startNanos) {
    super(
        pod,
        client.eventLoop(),
        route,
        InboundFacts.of(route, route.connection().destination(), null),
        startNanos);
    this.client = client;
  }

  @Override
  void dialling(Runnable cancel) {
    cancelDial = cancel;
  }

  @Override
  void join(Channel application) {
    bridge = TcpBridge.join(client, application, new Observer(false));
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
