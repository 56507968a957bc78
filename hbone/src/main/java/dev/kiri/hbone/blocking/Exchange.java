package dev.kiri.hbone.blocking;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The hand-over between a stream on its event loop and the threads that read and write it. The
/// loop never waits: it queues, marks and unparks.
final class Exchange implements StreamHandler {
  private final Arrivals received = new Arrivals();
  private final AtomicReference<@Nullable Thread> reader = new AtomicReference<>();
  private final AtomicReference<@Nullable Thread> writer = new AtomicReference<>();
  private volatile @Nullable HboneStream stream;
  private volatile boolean ended;
  private volatile @Nullable StreamClosed closed;
  private @Nullable Sending sending; // on the loop only

  /// Bytes on their way from a writing thread.
  static final class Sending {
    private final ByteBuf bytes;
    private volatile boolean over;

    Sending(ByteBuf bytes) {
      this.bytes = bytes;
    }
  }

  // on the loop

  void joined(HboneStream accepted) {
    stream = accepted;
  }

  @Override
  public void opened(HboneStream asked, ConnectResponse response) {
    if (response.accepted()) {
      stream = asked;
      wake(reader);
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    received.add(borrowed);
    wake(reader);
  }

  @Override
  public void end() {
    ended = true;
    wake(reader);
  }

  @Override
  public void writable() {
    var on = stream;
    if (on != null) {
      push(on);
    }
  }

  @Override
  public void closed(StreamClosed why) {
    closed = why;
    over();
    wake(reader);
    wake(writer);
  }

  private void push(HboneStream on) {
    var current = sending;
    if (current != null && on.write(current.bytes)) {
      over();
    }
  }

  private void over() {
    var current = sending;
    sending = null;
    if (current != null) {
      current.over = true;
      wake(writer);
    }
  }

  private static void wake(AtomicReference<@Nullable Thread> waiting) {
    LockSupport.unpark(waiting.get());
  }

  // on the program's threads

  HboneStream stream() {
    var opened = stream;
    if (opened == null) {
      throw new IllegalStateException("not open");
    }
    return opened;
  }

  void awaitOpened() throws IOException {
    await(reader, () -> stream != null || closed != null, 0);
    if (stream == null) {
      throw broken();
    }
  }

  /// The next bytes, at least one; null at the end.
  byte @Nullable [] take(long timeoutNanos) throws IOException {
    await(reader, () -> received.available() > 0 || ended || closed != null, timeoutNanos);
    var bytes = received.poll();
    if (bytes == null && !ended) {
      // what arrived before the stream closed has been read above
      throw broken();
    }
    return bytes;
  }

  int waitingBytes() {
    return received.available();
  }

  void acknowledge(int bytes) {
    var on = stream();
    onLoop(on, () -> on.acknowledge(bytes));
  }

  /// Returns when the stream has taken all of `bytes`.
  void send(ByteBuf bytes) throws IOException {
    var on = stream();
    var mine = new Sending(bytes);
    boolean taken =
        onLoop(
            on,
            () -> {
              sending = mine;
              if (closed == null) {
                push(on);
              } else {
                over();
              }
            });
    if (!taken) {
      throw broken();
    }
    try {
      await(writer, () -> mine.over, 0);
    } catch (InterruptedIOException e) {
      // half of a write may have left: nothing sensible can follow it
      reset(H2Error.CANCEL);
      throw e;
    }
    if (bytes.isReadable()) {
      throw broken();
    }
  }

  void endOutput() {
    var on = stream();
    onLoop(on, on::end);
  }

  void reset(int code) {
    var on = stream;
    if (on != null) {
      onLoop(on, () -> on.reset(code));
    }
  }

  /// False if the loop has ended, and with it the stream.
  private static boolean onLoop(HboneStream on, Runnable task) {
    try {
      on.loop().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void await(
      AtomicReference<@Nullable Thread> waiting, BooleanSupplier done, long timeoutNanos)
      throws IOException {
    if (done.getAsBoolean()) {
      return;
    }
    long deadline = System.nanoTime() + timeoutNanos;
    if (!waiting.compareAndSet(null, Thread.currentThread())) {
      throw new IllegalStateException("another thread is waiting on this stream");
    }
    try {
      while (!done.getAsBoolean()) {
        if (Thread.interrupted()) {
          throw new InterruptedIOException("interrupted");
        }
        if (timeoutNanos == 0) {
          LockSupport.park(this);
          continue;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new SocketTimeoutException("no data in time");
        }
        LockSupport.parkNanos(this, left);
      }
    } finally {
      waiting.set(null);
    }
  }

  private IOException broken() {
    var why = closed;
    return new IOException(
        switch (why) {
          case null -> "the stream is closed";
          case StreamClosed.Finished _ -> "the stream has ended";
          case StreamClosed.Reset(int code, boolean byPeer) ->
              "the stream was reset by "
                  + (byPeer ? "the peer: " : "this end: ")
                  + H2Error.name(code);
          case StreamClosed.TunnelLost(String text) -> "the tunnel was lost: " + text;
          case StreamClosed.PeerRevoked _ ->
              "the tunnel was lost: " + StreamClosed.PeerRevoked.TEXT;
          case StreamClosed.Failed(var failure) -> failure.message();
        });
  }
}
