package dev.kiri.waypoint.http;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The sending direction of one stream: takes everything, sends what the peer's window allows and
/// keeps the rest, telling its feeder to stop. What is kept is bounded by the feeder's own
/// flow-control window, whose credit is held meanwhile. Before the stream is there everything is
/// kept. Confined to its loop.
public final class StreamOutput {
  private final Gather gather;
  private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>();
  private @Nullable HboneStream stream;
  private boolean ending;
  private boolean closed;
  private long written;

  public StreamOutput(Gather gather) {
    this.gather = gather;
  }

  /// The stream is there: what was kept is sent. It is reset where nobody wants it any more.
  public void attach(HboneStream opened) {
    if (closed) {
      opened.reset(H2Error.CANCEL);
      return;
    }
    stream = opened;
    drain();
  }

  /// Bytes taken so far.
  public long written() {
    return written;
  }

  public boolean blocked() {
    return !kept.isEmpty() || stream == null;
  }

  /// A buffer to append a head or a frame to; leaves with the next flush.
  ByteBuf gather() {
    return gather.take(this);
  }

  /// Sends payload, together with what was gathered when it is small. False: stop feeding.
  public boolean write(ByteBuf data) {
    if (closed) {
      data.skipBytes(data.readableBytes());
      return true;
    }
    if (gather.holdsFor(this)) {
      ByteBuf scratch = gather.take(this);
      if (data.readableBytes() <= Gather.SMALL && scratch.readableBytes() <= Gather.FULL) {
        scratch.writeBytes(data);
        return !blocked();
      }
      gather.flush();
    }
    send(data, false);
    return !blocked();
  }

  void sendGathered(ByteBuf scratch) {
    if (!closed) {
      send(scratch, true);
    }
  }

  private void send(ByteBuf data, boolean scratch) {
    written += data.readableBytes();
    HboneStream open = stream;
    if (open != null && kept.isEmpty()) {
      boolean all = scratch ? open.writeScratch(data) : open.write(data);
      if (all || closed) {
        return;
      }
    }
    ByteBuf copy = data.alloc().buffer(data.readableBytes());
    copy.writeBytes(data);
    kept.add(copy);
  }

  /// Goes on after the stream said it is writable. True when nothing is kept any more.
  public boolean drain() {
    HboneStream open = stream;
    if (open == null || closed) {
      return false;
    }
    for (ByteBuf next = kept.peek(); next != null; next = kept.peek()) {
      if (!open.write(next)) {
        return false;
      }
      kept.remove();
      next.release();
    }
    if (ending) {
      open.end();
    }
    return true;
  }

  /// END_STREAM behind everything written.
  public void end() {
    if (gather.holdsFor(this)) {
      gather.flush();
    }
    ending = true;
    HboneStream open = stream;
    if (open != null && kept.isEmpty() && !closed) {
      open.end();
    }
  }

  /// Ends both directions at once.
  public void reset(int code) {
    HboneStream open = stream;
    close();
    if (open != null) {
      open.reset(code);
    }
  }

  public void acknowledge(int bytes) {
    HboneStream open = stream;
    if (open != null && bytes > 0) {
      open.acknowledge(bytes);
    }
  }

  /// The stream is gone: what is kept is dropped.
  public void close() {
    closed = true;
    gather.forget(this);
    for (ByteBuf buffer : kept) {
      buffer.release();
    }
    kept.clear();
  }
}
