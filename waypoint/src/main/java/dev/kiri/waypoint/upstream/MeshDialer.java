package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.channel.EventLoop;
import java.util.List;

/// Opens streams as the waypoint itself: through HBONE with the endpoint's own identity expected
/// (upstream accepts any of the mesh), or in plain TCP where the endpoint is not captured.
public final class MeshDialer implements Dialer {
  private final HbonePool pool;
  private final SpiffeId own;
  private final NettyTransport transport;

  public MeshDialer(HbonePool pool, SpiffeId own, NettyTransport transport) {
    this.pool = pool;
    this.own = own;
    this.transport = transport;
  }

  @Override
  public void open(EventLoop loop, Target target, StreamHandler handler) {
    if (!target.tunnelled()) {
      PlainConnection.connect(loop, transport, target.address(), target.rules(), handler);
      return;
    }
    TunnelKey key =
        new TunnelKey(own, List.of(target.workload().identity()), target.tunnelAddress(), null);
    pool.open(loop, key, ConnectRequest.to(Authority.of(target.address())), handler);
  }
}
