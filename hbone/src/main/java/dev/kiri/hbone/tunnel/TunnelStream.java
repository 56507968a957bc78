package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/// One stream of a [Tunnel]. Confined to its loop.
///
/// States: *waiting* (the answer to the request is outstanding, on either side), *open*, *closed*.
/// The two directions end independently while open.
public final class TunnelStream implements HboneStream {
  private final Tunnel tunnel;
  private final int id;
  private @Nullable StreamHandler handler; // null: an incoming request that waits for a decision
  private @Nullable EarlyData early;
  private @Nullable Runnable abandoned;
  private int sendWindow;
  private int receiveWindow;
  private int unacknowledged;
  private int credit;
  private int round; // of the tunnel, in which `taken` bytes were sent
  private int taken;
  private boolean answered;
  private boolean asking; // bytes are taken although there is no answer yet
  private boolean localEnded;
  private boolean remoteEnded;
  private boolean closed;
  private boolean blocked;
  boolean queued; // in the tunnel's queue of streams that wait for the connection
  boolean touched; // has heard data of the chunk under way

  TunnelStream(Tunnel tunnel, int id, @Nullable StreamHandler handler, int sendWindow) {
    this.tunnel = tunnel;
    this.id = id;
    this.handler = handler;
    this.sendWindow = sendWindow;
    this.receiveWindow = tunnel.windows().ofNewStream();
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public EventLoop loop() {
    return tunnel.loop();
  }

  @Override
  public TunnelPeer peer() {
    return tunnel.peer();
  }

  public Tunnel tunnel() {
    return tunnel;
  }

  /// Hands the stream to another handler, which hears everything from now on.
  public void handler(StreamHandler next) {
    handler = next;
  }

  // sending

  @Override
  public int writableBytes() {
    if (!maySend() || sendWindow <= 0) {
      return 0;
    }
    return Math.min(sendWindow, tunnel.room(takenThisRound()));
  }

  private int takenThisRound() {
    if (round != tunnel.round()) {
      round = tunnel.round();
      taken = 0;
    }
    return taken;
  }

  private boolean maySend() {
    return (answered || asking) && !localEnded && !closed;
  }

  @Override
  public boolean write(ByteBuf data) {
    return write(data, false);
  }

  @Override
  public boolean writeScratch(ByteBuf data) {
    return write(data, true);
  }

  private boolean write(ByteBuf data, boolean scratch) {
    int bytes = Math.min(data.readableBytes(), writableBytes());
    if (bytes > 0) {
      sendWindow -= bytes;
      taken += bytes;
      tunnel.output().data(id, data, bytes, scratch);
      tunnel.expect(2L * bytes); // a peer may give credit byte by byte, for stream and connection
      tunnel.planFlush();
    }
    if (!data.isReadable()) {
      return true;
    }
    if (maySend()) {
      blocked = true;
      if (sendWindow > 0) {
        tunnel.waitForConnection(this);
      }
    }
    return false;
  }

  @Override
  public void end() {
    if (maySend()) {
      localEnded = true;
      tunnel.output().endStream(id);
      tunnel.planFlush();
      finishIfEnded();
    }
  }

  @Override
  public void reset(int code) {
    if (!closed) {
      // a server whose answer is complete only has no use for the rest (RFC 9113 8.1)
      boolean answerComplete = code == H2Error.CANCEL && localEnded && !tunnel.isClient();
      int told = answerComplete ? H2Error.NO_ERROR : code;
      tunnel.sendReset(id, told);
      close(new StreamClosed.Reset(told, false));
    }
  }

  /// False if the window would be larger than may be; nothing has changed then.
  boolean windowUpdate(long increment) {
    long window = sendWindow + increment;
    if (window > Integer.MAX_VALUE) {
      return false;
    }
    sendWindow = (int) window;
    if (blocked && !queued && sendWindow > 0) {
      if (tunnel.output().room() > 0) {
        wake();
      } else {
        tunnel.waitForConnection(this);
      }
    }
    return true;
  }

  boolean canUseConnection() {
    return sendWindow > 0;
  }

  void wake() {
    blocked = false;
    var to = handler;
    if (to != null && maySend()) {
      to.writable();
    }
  }

  // receiving

  @Override
  public void acknowledge(int bytes) {
    int back = Math.min(bytes, unacknowledged);
    unacknowledged -= back;
    tunnel.acknowledged(back);
    if (closed || remoteEnded) {
      return;
    }
    credit += back;
    giveCreditIfDue();
  }

  /// Received bytes that wait for their reader.
  int unacknowledged() {
    return unacknowledged;
  }

  void giveCreditIfDue() {
    if (credit < tunnel.windows().announced() / 4 || credit == 0 || closed || remoteEnded) {
      return;
    }
    receiveWindow += credit;
    tunnel.output().windowUpdate(id, credit);
    tunnel.planFlush();
    credit = 0;
  }

  /// The initial window of all streams has changed; the rest may become negative (RFC 9113 6.9.2).
  void receiveWindowChanged(int by) {
    receiveWindow += by;
  }

  void dataBegins(int flowControlled) throws TunnelError {
    if (remoteEnded) {
      throw new TunnelError(H2Error.STREAM_CLOSED, "DATA after END_STREAM on stream " + id);
    }
    receiveWindow -= flowControlled;
    if (receiveWindow < 0 && flowControlled > 0) {
      throw TunnelError.flow("stream " + id + " overran its window");
    }
    unacknowledged += flowControlled;
  }

  /// Padding is nobody's data: its credit goes back at once.
  void padding(int bytes) {
    acknowledge(bytes);
  }

  void data(ByteBuf bytes) {
    var to = handler;
    if (to != null) {
      to.data(bytes);
    } else if (!closed) {
      early().add(bytes);
    }
  }

  private EarlyData early() {
    if (early == null) {
      early = new EarlyData();
    }
    return early;
  }

  void dataComplete() {
    var to = handler;
    if (to != null && !closed) {
      to.dataComplete();
    }
  }

  void remoteEnd() {
    if (remoteEnded || closed) {
      return;
    }
    remoteEnded = true;
    var to = handler;
    if (to != null) {
      to.end();
      finishIfEnded();
    }
  }

  // opening

  /// The client's side: the request is on its way, as `to` hears.
  public void asked(StreamHandler to) {
    asking = tunnel.takesEarlyData();
    to.asked(this);
    asking = false;
  }

  /// The client's side: the peer has answered. `ended` if the answer ended the stream.
  void answered(ConnectResponse response, boolean ended) {
    answered = true;
    var to = handler;
    if (to == null) {
      return;
    }
    to.opened(this, response);
    if (ended) {
      remoteEnd();
    }
  }

  boolean isAnswered() {
    return answered;
  }

  /// The server's side: answers 2xx; `to` hears what follows, and what came before.
  public void accept(ConnectResponse response, StreamHandler to) {
    if (answered || closed) {
      to.closed(new StreamClosed.Reset(H2Error.CANCEL, true));
      return;
    }
    answered = true;
    abandoned = null;
    handler = to;
    tunnel.answer(id, response, false);
    var queue = early;
    early = null;
    if (queue != null) {
      queue.deliver(to);
    }
    if (remoteEnded && !closed) {
      to.end();
      finishIfEnded();
    }
  }

  /// The server's side: answers with this status and ends the stream.
  public void refuse(int status) {
    if (answered || closed) {
      return;
    }
    answered = true;
    localEnded = true;
    tunnel.answer(id, new ConnectResponse(status, null), true);
    if (!remoteEnded) {
      // the request is over as well: what still comes is of no interest (RFC 9113 8.1)
      tunnel.sendReset(id, H2Error.NO_ERROR);
    }
    close(new StreamClosed.Finished());
  }

  /// The server's side: `run` when the peer gives up before an answer; at once if it has.
  public void onAbandoned(Runnable run) {
    if (closed) {
      run.run();
    } else if (!answered) {
      abandoned = run;
    }
  }

  // closing

  boolean isClosed() {
    return closed;
  }

  private void finishIfEnded() {
    if (localEnded && remoteEnded) {
      close(new StreamClosed.Finished());
    }
  }

  void close(StreamClosed why) {
    if (closed) {
      return;
    }
    closed = true;
    tunnel.acknowledged(unacknowledged);
    unacknowledged = 0;
    if (early != null) {
      early.release();
      early = null;
    }
    tunnel.remove(this);
    var to = handler;
    if (to != null) {
      to.closed(why);
    }
    var run = abandoned;
    abandoned = null;
    if (run != null) {
      run.run();
    }
  }

  @Override
  public String toString() {
    return "stream " + id + " to " + tunnel.peer().remote();
  }
}
