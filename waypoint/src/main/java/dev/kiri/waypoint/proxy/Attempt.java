package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Response;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.upstream.Destined;
import dev.kiri.waypoint.upstream.Load;
import dev.kiri.waypoint.upstream.Target;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/// One try of a request at one endpoint: hears the answer and hands it to the exchange as long as
/// it is that exchange's current try. Confined to its loop.
final class Attempt implements Response {
  private final Exchange exchange;
  private final LoopState state;
  private final Target target;
  private final @Nullable Destined destined;
  private final @Nullable Load load;
  private final long began = System.nanoTime();
  private @Nullable Upstream upstream;
  private @Nullable ScheduledFuture<?> timer;
  private boolean over;

  /// @param destined null for a pod that was addressed itself
  Attempt(Exchange exchange, LoopState state, Target target, @Nullable Destined destined) {
    this.exchange = exchange;
    this.state = state;
    this.target = target;
    this.destined = destined;
    this.load = destined == null ? null : state.chooser().load(destined);
    state.chooser().started(target, load, false);
  }

  void over(@Nullable ScheduledFuture<?> timeout) {
    timer = timeout;
  }

  /// What is under way where it goes; null without bounds.
  @Nullable Load load() {
    return load;
  }

  Target target() {
    return target;
  }

  void upstream(Upstream opened) {
    upstream = opened;
  }

  /// Null once the try is over.
  @Nullable Upstream upstream() {
    return over ? null : upstream;
  }

  /// Gives back credit for payload that is in safe hands, also when the answer is complete: the
  /// connection goes back to its pool with its whole window.
  void consumed(int bytes) {
    Upstream open = upstream;
    if (open != null && bytes > 0) {
      open.consumed(bytes);
    }
  }

  long millis() {
    return (System.nanoTime() - began) / 1_000_000;
  }

  boolean isOver() {
    return over;
  }

  /// The try is of no interest any more.
  void cancel() {
    if (!over) {
      finish();
      Upstream open = upstream;
      if (open != null) {
        open.cancel();
      }
    }
  }

  private void observed(int status) {
    Destined to = destined;
    if (to != null) {
      state.chooser().observed(target, to, status);
    }
  }

  private void finish() {
    if (!over) {
      over = true;
      state.chooser().finished(target, load, false);
      ScheduledFuture<?> timeout = timer;
      if (timeout != null) {
        timeout.cancel(false);
      }
    }
  }

  @Override
  public void informed(Head head) {
    if (!over) {
      exchange.informed(this, head);
    }
  }

  @Override
  public void head(Head head, boolean end) {
    if (over) {
      return;
    }
    observed(head.status());
    ScheduledFuture<?> timeout = timer;
    if (end) {
      finish();
    } else if (timeout != null && head.status() == 101) {
      // A switched protocol has no end that a timeout could wait for.
      timeout.cancel(false);
    }
    exchange.answered(this, head, end);
  }

  @Override
  public void body(ByteBuf payload) {
    if (!over) {
      exchange.answerBody(payload);
    }
  }

  @Override
  public void end() {
    if (!over) {
      finish();
      exchange.answerEnd();
    }
  }

  @Override
  public void trailers(Head trailers) {
    if (!over) {
      finish();
      exchange.answerTrailers(trailers);
    }
  }

  @Override
  public void endpointWritable() {
    if (!over) {
      exchange.endpointWritable();
    }
  }

  @Override
  public void failed(UpstreamFailure failure) {
    if (!over) {
      // A connection that was closed while it lay idle says nothing about the endpoint.
      if (failure.kind() != UpstreamFailure.Kind.CLOSED || !failure.untouched()) {
        observed(0);
      }
      finish();
      exchange.attemptFailed(this, failure);
    }
  }
}
