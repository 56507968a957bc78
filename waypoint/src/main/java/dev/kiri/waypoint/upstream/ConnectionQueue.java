package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.http.UpstreamFailure;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Whether one endpoint may get one more connection of this loop, and the requests that wait where
/// it may not. An endpoint without any connection of the loop always gets one, so that nobody waits
/// for what will not come (envoy source/common/conn_pool/conn_pool_base.cc). Confined to its loop.
final class ConnectionQueue {
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int open;

  /// Takes the right to one more connection, to be given back by [#closed].
  ///
  /// @param load null: no bounds
  boolean mayOpen(@Nullable Load load, TrafficPolicy policy) {
    if (load != null && !load.connections.take(open == 0 ? 0 : policy.maxConnections())) {
      return false;
    }
    open++;
    return true;
  }

  void closed(@Nullable Load load) {
    open--;
    if (load != null) {
      load.connections.release();
    }
  }

  /// The request's place in the queue has been taken already.
  Upstream add(Response response, TrafficPolicy policy, Load load) {
    Waiting added =
        new Waiting(
            response,
            policy,
            load,
            gone -> {
              waiting.remove(gone);
              load.pending.release();
            });
    waiting.add(added);
    return added;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean isUnused() {
    return waiting.isEmpty() && open == 0;
  }

  Waiting next() {
    return waiting.element();
  }

  Waiting remove() {
    return waiting.remove();
  }

  /// As many wait as may: the request fails at once.
  static Upstream overflow(Response response) {
    response.failed(UpstreamFailure.of(UpstreamFailure.Kind.OVERFLOW, ""));
    return NOBODY;
  }

  private static final Upstream NOBODY =
      new Upstream() {
        @Override
        public void send(Head head, boolean end) {}

        @Override
        public boolean body(ByteBuf payload) {
          payload.skipBytes(payload.readableBytes());
          return true;
        }

        @Override
        public void end() {}

        @Override
        public void trailers(Head trailers) {}

        @Override
        public void cancel() {}

        @Override
        public void consumed(int bytes) {}
      };
}
