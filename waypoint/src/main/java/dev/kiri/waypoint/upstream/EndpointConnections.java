package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.EndpointSide;
import dev.kiri.waypoint.http.Gather;
import dev.kiri.waypoint.http.Http1Client;
import dev.kiri.waypoint.http.Http2Client;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.StreamOutput;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.upstream.EndpointTls.Inside;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Connections to endpoints of one loop: idle HTTP/1.1 ones, last in first out, and shared HTTP/2
/// ones. Confined to it.
public final class EndpointConnections {
  /// Idle connections kept per endpoint; more are closed.
  private static final int MAX_IDLE = 256;

  /// Of all endpoints: with TLS, clients decide how many names there are connections for.
  private static final int MAX_ALL_IDLE = 4096;

  /// Upstream keeps them for an hour; servers commonly close far earlier, and a closed one costs a
  /// retry.
  private static final long MAX_IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /// Upstream's default (mesh configuration, `connectTimeout`).
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final EventLoop loop;
  private final Dialer dialer;
  private final Gather gather;
  private final Map<Target, ArrayDeque<Idle>> idle = new HashMap<>();
  private final Map<Target, Http2Client> shared = new HashMap<>();
  private int allIdle;
  private boolean draining;

  private record Idle(Http1Client client, long since) {}

  public EndpointConnections(EventLoop loop, Dialer dialer, Gather gather) {
    this.loop = loop;
    this.dialer = dialer;
    this.gather = gather;
  }

  /// A way to send one request. Failures reach `response`, possibly before this returns.
  ///
  /// @param fresh never a connection that was used before
  /// @param perConnection how many requests a connection may carry; 0: any number
  public Upstream open(
      Target target, boolean http2, boolean fresh, int perConnection, Response response) {
    return http2
        ? overHttp2(target, perConnection, response)
        : overHttp1(target, fresh, perConnection, response);
  }

  private Upstream overHttp1(Target target, boolean fresh, int perConnection, Response response) {
    Http1Client pooled = fresh ? null : takeIdle(target);
    if (pooled != null) {
      return pooled.next(response);
    }
    StreamOutput out = new StreamOutput(gather);
    Http1Client client = new Http1Client(out, new Owner(target, perConnection), new Head());
    Upstream upstream = client.next(response);
    dial(target, Inside.HTTP_1, out, client);
    return upstream;
  }

  private Upstream overHttp2(Target target, int perConnection, Response response) {
    Http2Client client = shared.get(target);
    if (client != null && perConnection > 0 && client.carried() >= perConnection) {
      client.drain();
      client = null;
    }
    if (client == null || !client.takesMore()) {
      StreamOutput out = new StreamOutput(gather);
      Http2Client made = new Http2Client(out, gone -> shared.remove(target, gone));
      shared.put(target, made);
      dial(target, Inside.HTTP_2, out, made);
      client = made;
    }
    return client.next(response);
  }

  /// A byte stream of the caller's own.
  public void dial(Target target, StreamOutput out, EndpointSide side) {
    dial(target, Inside.BYTES, out, side);
  }

  private void dial(Target target, Inside inside, StreamOutput out, EndpointSide side) {
    TunnelStream stream = new TunnelStream(out, side, gather);
    ConnectionRules rules = target.rules();
    EndpointTls tls = rules.tls();
    StreamHandler handler =
        tls == null ? stream : TlsStream.over(tls.engine(rules.serverName(), inside), stream);
    Duration limit = rules.connectTimeout();
    if (limit == null && tls == null) {
      dialer.open(loop, target, handler);
    } else {
      Deadline deadline = new Deadline(handler, stream);
      deadline.begin(loop, limit == null ? CONNECT_TIMEOUT : limit);
      dialer.open(loop, target, deadline);
    }
  }

  private @Nullable Http1Client takeIdle(Target target) {
    ArrayDeque<Idle> known = idle.get(target);
    Idle last = known == null ? null : known.pollLast();
    if (last == null) {
      return null;
    }
    allIdle--;
    return last.client();
  }

  /// Closes what nobody has used for too long. To be called now and then.
  public void sweep() {
    long oldest = System.nanoTime() - MAX_IDLE_NANOS;
    idle.values()
        .forEach(
            known -> {
              for (Idle first = known.peekFirst();
                  first != null && first.since() - oldest < 0;
                  first = known.peekFirst()) {
                known.pollFirst();
                allIdle--;
                first.client().drain();
              }
            });
    idle.values().removeIf(ArrayDeque::isEmpty);
  }

  /// Closes idle connections and keeps none from now on.
  public void drain() {
    draining = true;
    List<Idle> all = idle.values().stream().flatMap(ArrayDeque::stream).toList();
    idle.clear();
    allIdle = 0;
    all.forEach(entry -> entry.client().drain());
    List.copyOf(shared.values()).forEach(Http2Client::drain);
  }

  private final class Owner implements Http1Client.Owner {
    private final Target target;
    private final int perConnection;
    private int carried;

    Owner(Target target, int perConnection) {
      this.target = target;
      this.perConnection = perConnection;
    }

    @Override
    public void idle(Http1Client client) {
      ArrayDeque<Idle> known = idle.computeIfAbsent(target, _ -> new ArrayDeque<>());
      boolean used = perConnection > 0 && ++carried >= perConnection;
      if (draining || used || known.size() >= MAX_IDLE || allIdle >= MAX_ALL_IDLE) {
        client.drain();
      } else {
        allIdle++;
        known.addLast(new Idle(client, System.nanoTime()));
      }
    }

    @Override
    public void gone(Http1Client client) {
      ArrayDeque<Idle> known = idle.get(target);
      if (known != null && known.removeIf(entry -> entry.client() == client)) {
        allIdle--;
      }
    }
  }
}
