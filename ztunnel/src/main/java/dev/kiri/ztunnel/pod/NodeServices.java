package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.xds.Demands;
import dev.kiri.redirect.netns.SocketTransport;
import dev.kiri.ztunnel.balance.EndpointWatch;
import dev.kiri.ztunnel.dns.DnsProxy;
import dev.kiri.ztunnel.outbound.OutboundDecider;
import dev.kiri.ztunnel.share.NodeShares;
import dev.kiri.ztunnel.telemetry.Telemetry;
import io.netty.channel.EventLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What all pods of a node have in common; `outbound` chooses by what `endpoints` has seen,
/// `dns` is absent where names are left to the cluster, `demands` where the whole mesh is known.
/// Immutable; its parts are thread-safe.
public record NodeServices(
    NettyTransport transport,
    List<EventLoop> loops,
    MeshStore mesh,
    Certificates certificates,
    Telemetry telemetry,
    OutboundDecider outbound,
    EndpointWatch endpoints,
    HostResolver resolver,
    @Nullable DnsProxy dns,
    NodeShares shares,
    @Nullable Demands demands,
    PodSettings settings) {

  public NodeServices {
    loops = List.copyOf(loops);
  }

  /// The kind of sockets the loops serve.
  SocketTransport sockets() {
    return switch (transport.kind()) {
      case EPOLL -> SocketTransport.EPOLL;
      case IO_URING -> SocketTransport.IO_URING;
      case NIO ->
          throw new IllegalStateException("pods need epoll or io_uring, and neither is available");
    };
  }
}
