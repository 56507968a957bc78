package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.waypoint.http.EndpointSide;
import dev.kiri.waypoint.http.Gather;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.StreamOutput;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.upstream.EndpointTls.Inside;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Connections to endpoints of one loop, a pool for each endpoint and protocol. Confined to it.
public final class EndpointConnections {
  /// Of all endpoints: with TLS, clients decide how many names there are connections for.
  private static final int MAX_ALL_IDLE = 4096;

  /// Upstream keeps them for an hour; servers commonly close far earlier, and a closed one costs a
  /// retry.
  private static final Duration MAX_IDLE = Duration.ofSeconds(60);

  /// Upstream's default (mesh configuration, `connectTimeout`).
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final EventLoop loop;
  private final Dialer dialer;
  private final Gather gather;
  private final Map<Target, Http1Pool> http1 = new HashMap<>();
  private final Map<Target, Http2Pool> http2 = new HashMap<>();
  private int allIdle;
  private long nextSweep = Long.MAX_VALUE;
  private boolean draining;

  public EndpointConnections(EventLoop loop, Dialer dialer, Gather gather) {
    this.loop = loop;
    this.dialer = dialer;
    this.gather = gather;
  }

  /// A way to send one request. Failures reach `response`, possibly before this returns.
  ///
  /// @param overHttp2 whether the endpoint is spoken to in HTTP/2
  /// @param fresh never a connection that was used before
  /// @param load what is under way; null where the policy bounds nothing
  public Upstream open(
      Target target,
      boolean overHttp2,
      boolean fresh,
      TrafficPolicy policy,
      @Nullable Load load,
      Response response) {
    return overHttp2
        ? http2.computeIfAbsent(target, t -> new Http2Pool(this, t)).open(policy, load, response)
        : http1
            .computeIfAbsent(target, t -> new Http1Pool(this, t))
            .open(fresh, policy, load, response);
  }

  /// A byte stream of the caller's own.
  public void dial(Target target, StreamOutput out, EndpointSide side) {
    dial(target, Inside.BYTES, out, side, () -> {});
  }

  void dial(Target target, Inside inside, StreamOutput out, EndpointSide side, Runnable settled) {
    TunnelStream stream = new TunnelStream(out, side, gather, settled);
    ConnectionRules rules = target.rules();
    EndpointTls tls = rules.tls();
    StreamHandler handler =
        tls == null ? stream : TlsStream.over(tls.engine(rules.serverName(), inside), stream);
    Announced announced = rules.announced();
    if (announced != null) {
      handler = new Announcing(handler, announced);
    }
    Duration limit = rules.connectTimeout();
    if (limit == null && tls == null) {
      dialer.open(loop, target, handler);
    } else {
      Deadline deadline = new Deadline(handler, stream);
      deadline.begin(loop, limit == null ? CONNECT_TIMEOUT : limit);
      dialer.open(loop, target, deadline);
    }
  }

  StreamOutput newOutput() {
    return new StreamOutput(gather);
  }

  /// Nanoseconds.
  long now() {
    return System.nanoTime();
  }

  /// Does something when what is under way is done, and sends what came of it.
  void inTurn(Runnable what) {
    loop.execute(
        () -> {
          what.run();
          gather.flush();
        });
  }

  void idle(int more) {
    allIdle += more;
  }

  boolean keepsIdle() {
    return !draining && allIdle < MAX_ALL_IDLE;
  }

  /// A connection has become idle under rules of its own: looked at when their time is over.
  void sweepAt(@Nullable Duration idle) {
    if (idle == null || idle.isZero()) {
      return;
    }
    long at = now() + idle.toNanos();
    if (nextSweep == Long.MAX_VALUE || at - nextSweep < 0) {
      nextSweep = at;
      loop.schedule(this::sweepNow, idle.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void sweepNow() {
    nextSweep = Long.MAX_VALUE;
    sweep();
    http1.keySet().forEach(target -> sweepAt(target.rules().idle()));
    http2.keySet().forEach(target -> sweepAt(target.rules().idle()));
  }

  /// Closes what nobody has used for too long. To be called now and then.
  public void sweep() {
    long now = now();
    http1.forEach((target, pool) -> pool.sweep(now, longest(target)));
    http2.forEach((target, pool) -> pool.sweep(now, longest(target)));
    http1.values().removeIf(Http1Pool::isUnused);
    http2.values().removeIf(Http2Pool::isUnused);
    gather.flush();
  }

  private static long longest(Target target) {
    Duration own = target.rules().idle();
    return own == null ? MAX_IDLE.toNanos() : own.toNanos();
  }

  /// Closes idle connections and keeps none from now on.
  public void drain() {
    draining = true;
    http1.values().forEach(Http1Pool::drain);
    http2.values().forEach(Http2Pool::drain);
  }
}
