package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Gives up an opening that takes too long, TLS inside the stream included. Confined to the
/// stream's loop.
final class Deadline implements StreamHandler {
  private final StreamHandler handler;
  private final TunnelStream top;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable HboneStream stream;
  private boolean over;

  /// @param handler hears the stream
  /// @param top says whether all of it is open
  Deadline(StreamHandler handler, TunnelStream top) {
    this.handler = handler;
    this.top = top;
  }

  void begin(EventLoop loop, Duration limit) {
    timer = loop.schedule(this::late, limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void late() {
    if (over || top.settled()) {
      return;
    }
    HboneStream open = stream;
    top.late();
    closed(new StreamClosed.Failed(new HboneFailure.Cancelled("deadline")));
    if (open != null) {
      open.reset(H2Error.CANCEL);
    }
  }

  private void lookAtTop() {
    ScheduledFuture<?> waiting = timer;
    if (waiting != null && top.settled()) {
      timer = null;
      waiting.cancel(false);
    }
  }

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {
    if (over) {
      opened.reset(H2Error.CANCEL);
      return;
    }
    stream = opened;
    handler.opened(opened, response);
    lookAtTop();
  }

  @Override
  public void data(ByteBuf borrowed) {
    if (!over) {
      handler.data(borrowed);
      lookAtTop();
    }
  }

  @Override
  public void dataComplete() {
    if (!over) {
      handler.dataComplete();
    }
  }

  @Override
  public void end() {
    if (!over) {
      handler.end();
    }
  }

  @Override
  public void writable() {
    if (!over) {
      handler.writable();
    }
  }

  @Override
  public void closed(StreamClosed why) {
    if (!over) {
      over = true;
      handler.closed(why);
      lookAtTop();
    }
  }
}
