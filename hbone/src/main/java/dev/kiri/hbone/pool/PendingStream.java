package dev.kiri.hbone.pool;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.tunnel.Tunnel;
import dev.kiri.hbone.tunnel.TunnelStream;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// A stream that was asked for and has not opened. Confined to its loop.
///
/// States: *waiting* for a tunnel → *asked* (the request is on its way) → *over*. A request that
/// the peer provably did not process goes back to *waiting*, a bounded number of times. Over, it
/// is deaf to what else a stream brings that nobody wants.
final class PendingStream implements StreamHandler {
  private static final int MAX_ATTEMPTS = 3;

  private final KeyTunnels tunnels;
  private final ConnectRequest request;
  private final StreamHandler handler;
  private final long deadlineNanos;
  private @Nullable TunnelStream stream;
  private @Nullable Tunnel tunnel;
  private int attempts;
  private boolean over;

  PendingStream(
      KeyTunnels tunnels, ConnectRequest request, StreamHandler handler, long deadlineNanos) {
    this.tunnels = tunnels;
    this.request = request;
    this.handler = handler;
    this.deadlineNanos = deadlineNanos;
  }

  boolean isOver() {
    return over;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /// Sends the request; the tunnel has capacity.
  void ask(Tunnel over) {
    attempts++;
    tunnel = over;
    var asked = over.open(request, this);
    stream = asked;
    asked.asked(handler);
  }

  void cancel(String by) {
    fail(new HboneFailure.Cancelled(by));
  }

  /// The answer did not come in time.
  void expire() {
    fail(
        stream == null
            ? new HboneFailure.Saturated("no tunnel in time")
            : new HboneFailure.StreamFailed("no answer to CONNECT in time"));
  }

  void fail(HboneFailure failure) {
    if (over) {
      return;
    }
    over = true;
    var asked = stream;
    stream = null;
    if (asked != null) {
      asked.reset(H2Error.CANCEL);
    }
    handler.closed(new StreamClosed.Failed(failure));
  }

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {
    var asked = stream;
    if (over || asked == null) {
      opened.reset(H2Error.CANCEL);
      return;
    }
    over = true;
    stream = null;
    if (response.accepted()) {
      asked.handler(handler);
      handler.opened(opened, response);
      return;
    }
    handler.opened(opened, response);
    asked.reset(H2Error.NO_ERROR);
    handler.closed(new StreamClosed.Failed(new HboneFailure.Refused(response.status())));
  }

  @Override
  public void closed(StreamClosed why) {
    if (over) {
      return;
    }
    stream = null;
    boolean refused =
        why instanceof StreamClosed.Reset(int code, boolean byPeer)
            && byPeer
            && code == H2Error.REFUSED_STREAM;
    if (refused && attempts < MAX_ATTEMPTS) {
      tunnels.place(this); // RFC 9113 8.7: safe to try again
    } else {
      fail(HboneFailure.unanswered(why, tunnel != null && tunnel.isConfirmed()));
    }
  }

  @Override
  public void data(ByteBuf borrowed) {}

  @Override
  public void end() {}

  @Override
  public void writable() {}
}
