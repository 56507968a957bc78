package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Http1Client;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.StreamOutput;
import dev.kiri.waypoint.http.Upstream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Connections of HTTP/1.1 to one endpoint: idle ones, last in first out, and requests that wait
/// for one. Confined to its loop.
final class Http1Pool {
  /// Idle connections kept per endpoint; more are closed.
  private static final int MAX_IDLE = 256;

  private final EndpointConnections all;
  private final Target target;
  private final ArrayDeque<Idle> idle = new ArrayDeque<>();
  private final ConnectionQueue queue = new ConnectionQueue();

  private record Idle(Http1Client client, long since) {}

  Http1Pool(EndpointConnections all, Target target) {
    this.all = all;
    this.target = target;
  }

  /// @param load null: the policy sets no bounds
  Upstream open(boolean fresh, TrafficPolicy policy, @Nullable Load load, Response response) {
    Http1Client pooled = fresh ? null : takeIdle();
    if (pooled != null) {
      return pooled.next(response);
    }
    if (load != null && !load.pending.take(policy.maxPending())) {
      return ConnectionQueue.overflow(response);
    }
    if (!queue.mayOpen(load, policy)) {
      return queue.add(response, policy, Objects.requireNonNull(load));
    }
    return connect(policy, load, response);
  }

  private Upstream connect(TrafficPolicy policy, @Nullable Load load, Response response) {
    StreamOutput out = all.newOutput();
    Owner owner = new Owner(policy, load);
    Http1Client client = new Http1Client(out, owner, new Head());
    Upstream upstream = client.next(response);
    all.dial(target, EndpointTls.Inside.HTTP_1, out, client, owner::settled);
    return upstream;
  }

  private @Nullable Http1Client takeIdle() {
    Idle last = idle.pollLast();
    if (last == null) {
      return null;
    }
    all.idle(-1);
    return last.client();
  }

  /// In a turn of its own: what an endpoint sends behind its answer is not the next one's.
  private void serve() {
    while (!queue.isEmpty()) {
      Waiting next = queue.next();
      Http1Client pooled = takeIdle();
      if (pooled != null) {
        queue.remove();
        next.load().pending.release();
        next.goOn(pooled.next(next.response()));
      } else if (queue.mayOpen(next.load(), next.policy())) {
        queue.remove();
        next.goOn(connect(next.policy(), next.load(), next.response()));
      } else {
        return;
      }
    }
  }

  /// Closes what nobody has used since `oldest`.
  ///
  /// @param longest nanoseconds; 0: without end
  void sweep(long now, long longest) {
    for (Idle first = idle.peekFirst();
        longest > 0 && first != null && now - first.since() >= longest;
        first = idle.peekFirst()) {
      idle.pollFirst();
      all.idle(-1);
      first.client().drain();
    }
  }

  boolean isUnused() {
    return idle.isEmpty() && queue.isUnused();
  }

  void drain() {
    List<Idle> left = List.copyOf(idle);
    idle.clear();
    all.idle(-left.size());
    left.forEach(entry -> entry.client().drain());
  }

  /// One connection between its requests.
  private final class Owner implements Http1Client.Owner {
    private final TrafficPolicy policy;
    private final @Nullable Load load;
    private final long began = all.now();
    private int carried;
    private boolean settled;

    Owner(TrafficPolicy policy, @Nullable Load load) {
      this.policy = policy;
      this.load = load;
    }

    /// It is open, or will not be: its request does not wait any more.
    void settled() {
      if (!settled) {
        settled = true;
        if (load != null) {
          load.pending.release();
        }
      }
    }

    @Override
    public void idle(Http1Client client) {
      int most = policy.maxRequestsPerConnection();
      boolean used = most > 0 && ++carried >= most;
      boolean old = target.rules().isTooOld(all.now() - began);
      if (used || old || idle.size() >= MAX_IDLE || !all.keepsIdle()) {
        client.drain();
        return;
      }
      all.idle(1);
      idle.addLast(new Idle(client, all.now()));
      all.sweepAt(target.rules().idle());
      if (!queue.isEmpty()) {
        all.inTurn(Http1Pool.this::serve);
      }
    }

    @Override
    public void gone(Http1Client client) {
      settled();
      if (idle.removeIf(entry -> entry.client() == client)) {
        all.idle(-1);
      }
      queue.closed(load);
      if (!queue.isEmpty()) {
        all.inTurn(Http1Pool.this::serve);
      }
    }
  }
}
