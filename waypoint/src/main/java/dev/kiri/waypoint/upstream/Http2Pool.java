package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.http.Http2Client;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.StreamOutput;
import dev.kiri.waypoint.http.Upstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Connections of HTTP/2 to one endpoint, each shared by many requests, and requests that wait
/// until one takes them. Confined to its loop.
final class Http2Pool {
  private final EndpointConnections all;
  private final Target target;
  private final List<Shared> open = new ArrayList<>();
  private final ConnectionQueue queue = new ConnectionQueue();

  Http2Pool(EndpointConnections all, Target target) {
    this.all = all;
    this.target = target;
  }

  /// @param load null: the policy sets no bounds
  Upstream open(TrafficPolicy policy, @Nullable Load load, Response response) {
    Shared free = free(policy);
    if (free != null) {
      return free.next(response);
    }
    if (load != null && !load.pending.take(policy.maxPending())) {
      return ConnectionQueue.overflow(response);
    }
    if (!queue.mayOpen(load, policy)) {
      return queue.add(response, policy, Objects.requireNonNull(load));
    }
    return connect(load).next(response);
  }

  private @Nullable Shared free(TrafficPolicy policy) {
    int most = policy.maxRequestsPerConnection();
    for (Shared shared : List.copyOf(open)) {
      if ((most > 0 && shared.client.carried() >= most)
          || target.rules().isTooOld(all.now() - shared.began)) {
        shared.client.drain();
      } else if (shared.client.takesMore(target.rules().maxStreams())) {
        return shared;
      }
    }
    return null;
  }

  /// The request that it is for has taken its place among those that wait.
  private Shared connect(@Nullable Load load) {
    StreamOutput out = all.newOutput();
    Shared made = new Shared(out, load);
    open.add(made);
    all.dial(target, EndpointTls.Inside.HTTP_2, out, made.client, made::settled);
    return made;
  }

  private void serve() {
    while (!queue.isEmpty()) {
      Waiting next = queue.next();
      Shared free = free(next.policy());
      if (free != null) {
        queue.remove();
        next.load().pending.release();
        next.goOn(free.next(next.response()));
      } else if (queue.mayOpen(next.load(), next.policy())) {
        queue.remove();
        next.goOn(connect(next.load()).next(next.response()));
      } else {
        return;
      }
    }
  }

  /// @param longest nanoseconds; 0: without end
  void sweep(long now, long longest) {
    for (Shared shared : List.copyOf(open)) {
      if (longest > 0 && shared.client.isIdle() && now - shared.idleSince >= longest) {
        shared.client.drain();
      }
    }
  }

  boolean isUnused() {
    return queue.isUnused();
  }

  void drain() {
    List.copyOf(open).forEach(shared -> shared.client.drain());
  }

  /// One connection.
  private final class Shared implements Http2Client.Owner {
    private final Http2Client client;
    private final @Nullable Load load;
    private final long began = all.now();
    private long idleSince = began;
    private boolean settled;

    Shared(StreamOutput out, @Nullable Load load) {
      this.client = new Http2Client(out, this);
      this.load = load;
    }

    Upstream next(Response response) {
      return client.next(response);
    }

    void settled() {
      if (!settled) {
        settled = true;
        if (load != null) {
          load.pending.release();
        }
      }
    }

    @Override
    public void freed() {
      if (client.isIdle()) {
        idleSince = all.now();
        all.sweepAt(target.rules().idle());
      }
      if (!queue.isEmpty()) {
        all.inTurn(Http2Pool.this::serve);
      }
    }

    @Override
    public void leaving(Http2Client left) {
      open.remove(this);
    }

    @Override
    public void gone(Http2Client left) {
      settled();
      queue.closed(load);
      if (!queue.isEmpty()) {
        all.inTurn(Http2Pool.this::serve);
      }
    }
  }
}
