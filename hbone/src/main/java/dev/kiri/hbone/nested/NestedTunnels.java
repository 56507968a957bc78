package dev.kiri.hbone.nested;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.ClientTls;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.Opening;
import dev.kiri.hbone.pool.PoolObserver;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.tunnel.Tunnel;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Opens streams to workloads of other networks: each in a tunnel of its own, which lies inside a
/// stream of a pooled tunnel to that network's gateway. Thread-safe.
///
/// The gateway ends the outer tunnel and passes the inner one on unread: TLS of the inner tunnel
/// stands between this end and the workload (or its waypoint) there. Both ends of each tunnel are
/// verified on their own: the gateway must present one of the outer key's identities, the workload
/// one of `expected`; an empty list refuses every peer. The certificate of this end is the same for
/// both.
///
/// Outer tunnels are shared as the pool's are; an inner one carries one stream, since which
/// workload gets it is the gateway's choice and has to be made for each connection (as upstream,
/// istio/ztunnel `src/proxy/outbound.rs`). It ends with its stream. Back-pressure goes through both
/// tunnels' windows; the outer stream ends gracefully after the inner one.
///
/// Closing or draining the pool ends or drains what is here.
public final class NestedTunnels {
  private final HbonePool outer;
  private final PoolSettings settings;
  private final ClientTls tls;
  private final PoolObserver observer;
  private final Set<Tunnel> inner = ConcurrentHashMap.newKeySet();

  /// `outer` carries the tunnels to gateways; `settings` and `tls` are those of the inner ones, of
  /// which `openTimeout` bounds the time until the workload's answer, both handshakes included.
  public NestedTunnels(HbonePool outer, PoolSettings settings, ClientTls tls) {
    this(outer, settings, tls, PoolObserver.NONE);
  }

  /// `observer` hears of the inner tunnels, each under the key of its outer one.
  public NestedTunnels(
      HbonePool outer, PoolSettings settings, ClientTls tls, PoolObserver observer) {
    this.outer = outer;
    this.settings = settings;
    this.tls = tls;
    this.observer = observer;
  }

  /// Opens a stream on `loop`. `gateway` is the key of the outer tunnel: its destination is the
  /// gateway's socket and its identities are the gateway's. `request` goes to the workload; the
  /// gateway is asked the same, without `x-forwarded-network`. The authority must be a host and
  /// port: the gateway finds the workload by it.
  ///
  /// `handler` hears `opened` with the workload's answer, or only `closed` with the failure of
  /// either tunnel; on the loop, and possibly before this call returns. The stream's `peer` is the
  /// workload.
  public Opening open(
      EventLoop loop,
      TunnelKey gateway,
      ConnectRequest request,
      List<SpiffeId> expected,
      StreamHandler handler) {
    var opening =
        new NestedOpening(loop, gateway, request, List.copyOf(expected), handler, inner, observer);
    if (loop.inEventLoop()) {
      opening.begin(outer, settings, tls);
    } else {
      loop.execute(() -> opening.begin(outer, settings, tls));
    }
    return opening;
  }

  /// Closes the inner tunnels whose peers are revoked by now, at once. The pool's own
  /// [HbonePool#closeRevoked] does it for the gateways. Call both when the revocations have
  /// changed.
  public void closeRevoked() {
    for (var tunnel : inner) {
      tunnel.loop().execute(tunnel::closeIfRevoked);
    }
  }

  /// The other end, for a program that is gateway and destination in one: accepts an outer request
  /// with 200 and serves the tunnel that comes inside it as `server` serves those on sockets. On
  /// the request's loop.
  public static void serve(IncomingConnect outer, HboneServer server) {
    var channel = new StreamChannel(_ -> {});
    channel.pipeline().addLast(server.childHandler());
    outer.loop().register(channel);
    channel.begin(outer.accept(ConnectResponse.OK, channel));
  }
}
