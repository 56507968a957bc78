package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.upstream.Target;
import dev.kiri.waypoint.upstream.TrafficPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One copy of a request. Its answer is thrown away, its failure unseen; it is dropped when its
/// endpoint does not keep up, or has not answered a minute after the request's end. Confined to its
/// loop.
final class MirrorCopy implements Response {
  /// Copies under way on a loop; more are not begun.
  static final int MAX_COPIES = 1024;

  /// Bytes waiting for the endpoint's connection before the copy is dropped.
  private static final int MAX_WAITING = 64 * 1024;

  private static final long MAX_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final LoopState state;
  private @Nullable Upstream upstream;
  private @Nullable ScheduledFuture<?> timer;
  private boolean over;
  private int waiting;

  MirrorCopy(LoopState state) {
    this.state = state;
    state.copies(1);
  }

  static boolean mayStart(LoopState state) {
    return state.copies(0) < MAX_COPIES;
  }

  void begin(Target target, boolean http2, TrafficPolicy policy, Head head, boolean end) {
    // outside the policy's bounds: a copy must not make requests wait
    Upstream opened = state.connections().open(target, http2, false, policy, null, this);
    if (over) {
      return;
    }
    upstream = opened;
    opened.send(head, end);
    if (end) {
      waitForAnswer();
    }
  }

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
        cancel();
      }
    }
  }

  void endRequest() {
    Upstream open = upstream;
    if (open != null) {
      open.end();
      waitForAnswer();
    }
  }

  void endRequest(Head trailers) {
    Upstream open = upstream;
    if (open != null) {
      open.trailers(trailers);
      waitForAnswer();
    }
  }

  private void waitForAnswer() {
    if (timer == null && !over) {
      timer = state.after(MAX_ANSWER_NANOS, this::cancel);
    }
  }

  void cancel() {
    Upstream open = upstream;
    finish();
    if (open != null) {
      open.cancel();
    }
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    upstream = null;
    state.copies(-1);
    ScheduledFuture<?> set = timer;
    if (set != null) {
      set.cancel(false);
    }
  }

  @Override
  public void informed(Head head) {}

  @Override
  public void head(Head head, boolean end) {
    if (end) {
      finish();
    }
  }

  @Override
  public void body(ByteBuf payload) {
    Upstream open = upstream;
    if (open != null) {
      open.consumed(payload.readableBytes());
    }
  }

  @Override
  public void end() {
    finish();
  }

  @Override
  public void trailers(Head trailers) {
    finish();
  }

  @Override
  public void endpointWritable() {
    waiting = 0;
  }

  @Override
  public void failed(UpstreamFailure failure) {
    finish();
  }
}
