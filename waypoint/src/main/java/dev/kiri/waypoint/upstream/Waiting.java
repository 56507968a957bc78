package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.Upstream;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A request that waits for a connection, as the policy allows no more of them; afterwards a way to
/// that one. What comes of its body meanwhile is bounded by the client's window, whose credit is
/// held. Confined to its loop.
final class Waiting implements Upstream {
  private final Response response;
  private final TrafficPolicy policy;
  private final Load load;
  private final Consumer<Waiting> left;
  private final ArrayDeque<ByteBuf> body = new ArrayDeque<>();
  private @Nullable Head head;
  private @Nullable Upstream connection;
  private boolean bare;
  private boolean ended;
  private boolean over;

  /// @param left told when nobody waits any more before there is a connection
  Waiting(Response response, TrafficPolicy policy, Load load, Consumer<Waiting> left) {
    this.response = response;
    this.policy = policy;
    this.load = load;
    this.left = left;
  }

  Response response() {
    return response;
  }

  TrafficPolicy policy() {
    return policy;
  }

  Load load() {
    return load;
  }

  /// There is a connection.
  void goOn(Upstream found) {
    connection = found;
    Head waiting = head;
    if (waiting == null) {
      return;
    }
    found.send(waiting, bare);
    boolean more = true;
    for (ByteBuf next = body.poll(); next != null; next = body.poll()) {
      more = found.body(next);
      next.release();
    }
    if (ended && !bare) {
      found.end();
    } else if (more && !ended) {
      response.endpointWritable();
    }
  }

  @Override
  public void send(Head request, boolean end) {
    Upstream found = connection;
    if (found != null) {
      found.send(request, end);
      return;
    }
    head = request;
    bare = end;
    ended = end;
  }

  @Override
  public boolean body(ByteBuf payload) {
    Upstream found = connection;
    if (found != null) {
      return found.body(payload);
    }
    if (over) {
      payload.skipBytes(payload.readableBytes());
      return true;
    }
    body.add(payload.alloc().buffer(payload.readableBytes()).writeBytes(payload));
    return false;
  }

  @Override
  public void end() {
    Upstream found = connection;
    if (found != null) {
      found.end();
    } else {
      ended = true;
    }
  }

  /// HTTP/1.1 loses trailers as well.
  @Override
  public void trailers(Head trailers) {
    Upstream found = connection;
    if (found != null) {
      found.trailers(trailers);
    } else {
      ended = true;
    }
  }

  @Override
  public void cancel() {
    Upstream found = connection;
    if (found != null) {
      found.cancel();
    } else if (!over) {
      over = true;
      body.forEach(ByteBuf::release);
      body.clear();
      left.accept(this);
    }
  }

  @Override
  public void consumed(int bytes) {
    Upstream found = connection;
    if (found != null) {
      found.consumed(bytes);
    }
  }
}
