package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.ztunnel.inbound.InboundRoute;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// A stream of a tunnel, connected to the application. Confined to the tunnel's event loop.
final class InboundTunnelConnection extends InboundConnection {
  private final IncomingConnect incoming;
  private boolean answered;
  private @Nullable Runnable cancelDial;
  private @Nullable StreamBridge bridge;
  private @Nullable HboneStream stream;

  InboundTunnelConnection(Pod pod, IncomingConnect incoming, InboundRoute route, long startNanos) {
    super(
        pod,
        incoming.loop(),
        route,
        InboundFacts.of(
            route,
            Addresses.canonical(incoming.peer().local()),
            incoming.request().authority().toString()),
        startNanos);
    this.incoming = incoming;
    incoming.abandoned(this::givenUp);
  }

  private void givenUp() {
    if (!report.isClosed() && !answered) {
      answered = true;
      end(dev.kiri.ztunnel.telemetry.ResponseFlag.CONNECT, "connection failed: client gave up");
      cut();
    }
  }

  @Override
  void dialling(Runnable cancel) {
    cancelDial = cancel;
  }

  @Override
  void join(Channel application) {
    answered = true;
    if (route.proxyHeader() != null) {
      application.writeAndFlush(Unpooled.wrappedBuffer(route.proxyHeader().bytes()));
    }
    var joined = StreamBridge.attach(application, new Observer(true));
    bridge = joined;
    var told =
        pod.node().settings().peerMetadata() ? OutboundFacts.baggage(route.destination()) : null;
    var accepted = incoming.accept(new ConnectResponse(200, told), joined.handler());
    stream = accepted;
    joined.join(accepted);
  }

  @Override
  void refuse() {
    answer(503);
  }

  @Override
  void cut() {
    if (cancelDial != null) {
      cancelDial.run();
    }
    if (stream != null) {
      stream.reset(H2Error.CANCEL);
    }
    if (bridge != null) {
      bridge.abort();
    }
    // not answered yet: policy said no, or the pod ends
    answer(401);
  }

  private void answer(int status) {
    if (!answered) {
      answered = true;
      incoming.refuse(status);
    }
  }
}
