package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.Forwarded;
import dev.kiri.hbone.connect.TraceParent;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.Opening;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The stream that carries a connection: in which tunnel, and what is asked for there. Immutable.
///
/// @param inner the identities of which the other end of the inner tunnel presents one; null where
///     there is one tunnel only
record StreamPlan(TunnelKey tunnel, ConnectRequest request, @Nullable List<SpiffeId> inner) {

  static StreamPlan of(
      Pod pod, Workload local, InetSocketAddress source, OutboundDecision.Tunnel decision) {
    var request = request(pod, local, source, decision.authority(), decision.service(), null);
    return new StreamPlan(
        key(local, source, decision.expected(), decision.nextHop()), request, null);
  }

  /// What is asked for in the inner tunnel says which network it comes from (istio/ztunnel
  /// `src/proxy/outbound.rs`).
  static StreamPlan of(
      Pod pod, Workload local, InetSocketAddress source, OutboundDecision.TunnelInTunnel decision) {
    var network = pod.node().settings().network();
    var request = request(pod, local, source, decision.authority(), decision.service(), network);
    return new StreamPlan(
        key(local, source, decision.outer(), decision.nextHop()), request, decision.inner());
  }

  /// Opens it; the pod must have its certificate.
  Opening open(Pod pod, EventLoop loop, StreamHandler handler) {
    return inner == null
        ? pod.pool().open(loop, tunnel, request, handler)
        : pod.nested().open(loop, tunnel, request, inner, handler);
  }

  private static TunnelKey key(
      Workload local, InetSocketAddress source, List<SpiffeId> expected, InetSocketAddress at) {
    return new TunnelKey(local.identity(), expected, at, source.getAddress());
  }

  private static ConnectRequest request(
      Pod pod,
      Workload local,
      InetSocketAddress source,
      Authority authority,
      @Nullable Service service,
      @Nullable String network) {
    return new ConnectRequest(
        authority,
        pod.node().settings().peerMetadata() ? OutboundFacts.baggage(local) : Baggage.EMPTY,
        new Forwarded(
            NetUtil.toSocketAddressString(source), service == null ? null : service.hostname()),
        TraceParent.random(ThreadLocalRandom.current()),
        network);
  }
}
