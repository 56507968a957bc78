package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.upstream.Asked;
import dev.kiri.waypoint.upstream.Hosts;
import dev.kiri.waypoint.upstream.Target;
import dev.kiri.waypoint.upstream.TargetChoice;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The copies of one request that a rule sends elsewhere. Their answers are thrown away, their
/// failures unseen; a copy whose endpoint does not keep up is dropped instead of slowing the
/// request. Confined to its loop.
final class Mirrors {
  static final Mirrors NONE = new Mirrors(List.of());

  private final List<Copy> copies;

  private Mirrors(List<Copy> copies) {
    this.copies = copies;
  }

  static Mirrors start(HttpRule rule, LoopState state, Head head, int port, boolean end) {
    List<Copy> started = new ArrayList<>();
    for (HttpRule.Mirror mirror : rule.mirrors()) {
      boolean drawn = mirror.share() >= 1 || state.nextPoint() < mirror.share();
      Backend.OfService to = mirror.backend();
      var destined = state.program().destined(to, port);
      if (drawn
          && destined != null
          && state.chooser().choose(state.mesh(), destined, Set.of(), host(head))
              instanceof TargetChoice.Chosen(Target target)) {
        Copy copy = new Copy();
        boolean http2 = Boolean.TRUE.equals(to.http2());
        Upstream upstream =
            state.connections().open(destined.reach(target, head), http2, false, 0, copy);
        copy.upstream = upstream;
        upstream.send(head, end);
        started.add(copy);
      }
    }
    return started.isEmpty() ? NONE : new Mirrors(started);
  }

  private static Asked host(Head head) {
    return new Asked() {
      @Override
      public @Nullable String host() {
        return Hosts.of(head);
      }

      @Override
      public @Nullable InetSocketAddress dialled() {
        return null;
      }
    };
  }

  void body(ByteBuf payload) {
    for (Copy copy : copies) {
      copy.send(payload.duplicate());
    }
  }

  void end() {
    for (Copy copy : copies) {
      copy.endRequest();
    }
  }

  /// One copy; its answer goes nowhere.
  private static final class Copy implements Response {
    /// Bytes waiting for the endpoint's connection before the copy is dropped.
    private static final int MAX_WAITING = 64 * 1024;

    private @Nullable Upstream upstream;
    private int waiting;

    void send(ByteBuf payload) {
      Upstream open = upstream;
      if (open == null) {
        return;
      }
      int bytes = payload.readableBytes();
      if (open.body(payload)) {
        waiting = 0;
      } else {
        waiting += bytes;
        if (waiting > MAX_WAITING) {
          upstream = null;
          open.cancel();
        }
      }
    }

    void endRequest() {
      Upstream open = upstream;
      if (open != null) {
        open.end();
      }
    }

    @Override
    public void informed(Head head) {}

    @Override
    public void head(Head head, boolean end) {}

    @Override
    public void body(ByteBuf payload) {
      Upstream open = upstream;
      if (open != null) {
        open.consumed(payload.readableBytes());
      }
    }

    @Override
    public void end() {
      upstream = null;
    }

    @Override
    public void trailers(Head trailers) {
      upstream = null;
    }

    @Override
    public void endpointWritable() {
      waiting = 0;
    }

    @Override
    public void failed(UpstreamFailure failure) {
      upstream = null;
    }
  }
}
