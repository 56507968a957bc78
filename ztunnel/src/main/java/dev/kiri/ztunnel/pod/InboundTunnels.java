package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.inbound.InboundDecision;
import dev.kiri.ztunnel.inbound.InboundRefusal;
import dev.kiri.ztunnel.inbound.InboundRequest;
import dev.kiri.ztunnel.telemetry.Direction;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the CONNECT requests of a pod's tunnels. Called on their loops.
final class InboundTunnels implements ConnectListener {
  private static final Logger LOG = LoggerFactory.getLogger(InboundTunnels.class);

  private final Pod pod;

  InboundTunnels(Pod pod) {
    this.pod = pod;
  }

  @Override
  public void connect(IncomingConnect incoming) {
    long startNanos = pod.node().telemetry().now();
    pod.local().find(incoming.loop(), local -> decide(incoming, local, startNanos));
  }

  private void decide(IncomingConnect incoming, @Nullable Workload local, long startNanos) {
    var peer = incoming.peer();
    var source = Addresses.canonical(peer.remote());
    var at = Addresses.canonical(peer.local());
    if (local == null) {
      var info = pod.local().info();
      reject(
          incoming,
          new InboundRefusal.UnknownWorkload(info.serviceAccount(), info.namespace(), info.name()));
      return;
    }
    var mesh = pod.node().mesh().current();
    var request =
        new InboundRequest.Tunnelled(local, peer.identity(), source, at, incoming.request());
    switch (pod.inbound().decide(mesh, request)) {
      case InboundDecision.Admitted(var route, var evaluation) -> {
        PolicyLog.log(pod.node().settings(), evaluation);
        new InboundTunnelConnection(pod, incoming, route, startNanos).begin(mesh);
      }
      case InboundDecision.Denied(var route, var verdict, var evaluation) -> {
        PolicyLog.log(pod.node().settings(), evaluation);
        var target = incoming.request().authority().toString();
        incoming.refuse(401);
        pod.node()
            .telemetry()
            .opened(InboundFacts.of(route, at, target), startNanos)
            .denied(verdict);
      }
      case InboundDecision.Rejected(var why) -> reject(incoming, why);
    }
  }

  private void reject(IncomingConnect incoming, InboundRefusal why) {
    incoming.refuse(why.status());
    refused(incoming.peer().remote(), incoming.peer().local(), why.message());
  }

  @Override
  public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
    refused(peer, local, text);
  }

  @Override
  public void badRequest(TunnelPeer peer, int status, String text) {
    refused(peer.remote(), peer.local(), text);
  }

  @Override
  public void peerRejected(InetSocketAddress peer, PeerRejected why) {
    pod.node().telemetry().peerRejected(Direction.INBOUND, why);
  }

  @Override
  public void neverAsked(TunnelPeer peer, String text) {
    refused(peer.remote(), peer.local(), text);
  }

  @Override
  public void tunnelClosed(TunnelPeer peer, String text) {
    if (text.equals(StreamClosed.PeerRevoked.TEXT)) {
      pod.node().telemetry().peerRevoked(Direction.INBOUND);
    }
    LOG.debug("tunnel of {} closed: {}", peer.remote(), text);
  }

  private void refused(InetSocketAddress source, InetSocketAddress local, String text) {
    pod.node()
        .telemetry()
        .refused(Direction.INBOUND, Addresses.canonical(source), Addresses.canonical(local), text);
  }
}
