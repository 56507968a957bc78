package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The dialling end of TLS inside a byte stream: a handler to the stream below, to its own handler
/// a stream of what is inside. Confined to the stream's loop.
///
/// States: *shaking hands* (the handler has heard nothing) → *open* → *over*. No more than a record
/// of each direction is kept, and nothing between records. Credit for what TLS itself takes of the
/// peer's window is given back
/// at once, for its content when the handler does. A peer that ends the stream without having said
/// so in TLS may have been cut short: that is a loss and no end (RFC 9112 9.8).
final class TlsStream implements HboneStream {
  private static final int RECORD = 16 << 10;

  private final SSLEngine engine;
  private final StreamHandler handler;
  private @Nullable ByteBuf incoming;
  private @Nullable ByteBuf sealed;
  private @Nullable HboneStream below;
  private ConnectResponse response = ConnectResponse.OK;
  private boolean open;
  private boolean blocked;
  private boolean localEnded;
  private boolean remoteEnded;
  private boolean over;

  private TlsStream(SSLEngine engine, StreamHandler handler) {
    this.engine = engine;
    this.handler = handler;
  }

  /// What the stream below is to be opened with.
  static StreamHandler over(SSLEngine engine, StreamHandler handler) {
    return new TlsStream(engine, handler).new Below();
  }

  // reading

  /// Goes on as far as there is something to read or to say.
  private void step() throws SSLException {
    while (!over) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          Runnable task = engine.getDelegatedTask();
          if (task != null) {
            task.run();
          }
        }
        case NEED_WRAP -> seal(ByteBuffer.allocate(0));
        default -> {
          ByteBuf from = incoming;
          if (from == null || !unseal(from)) {
            return;
          }
        }
      }
    }
  }

  /// One record; false when there is no whole one.
  private boolean unseal(ByteBuf from) throws SSLException {
    ByteBuf plain =
        PooledByteBufAllocator.DEFAULT.heapBuffer(engine.getSession().getApplicationBufferSize());
    try {
      SSLEngineResult result =
          engine.unwrap(from.nioBuffer(), plain.nioBuffer(0, plain.writableBytes()));
      from.skipBytes(result.bytesConsumed());
      if (!from.isReadable()) {
        incoming = null;
        from.release();
      }
      plain.writerIndex(result.bytesProduced());
      stream().acknowledge(result.bytesConsumed() - result.bytesProduced());
      opened(result);
      if (plain.isReadable() && !over) {
        handler.data(plain);
      }
      if (engine.isInboundDone() && !over) {
        remoteEnded();
      }
      return result.bytesConsumed() > 0;
    } finally {
      plain.release();
    }
  }

  private void opened(SSLEngineResult result) {
    if (result.getHandshakeStatus() == HandshakeStatus.FINISHED && !open && !over) {
      open = true;
      handler.opened(this, response);
    }
  }

  private void remoteEnded() {
    if (remoteEnded) {
      return;
    }
    remoteEnded = true;
    if (!open) {
      failed("ended by the peer within the handshake");
      return;
    }
    handler.end();
    finishIfEnded();
  }

  // writing

  private void seal(ByteBuffer plain) throws SSLException {
    int record = engine.getSession().getPacketBufferSize();
    ByteBuf to = sealed == null ? PooledByteBufAllocator.DEFAULT.heapBuffer(record) : sealed;
    sealed = to;
    SSLEngineResult result;
    do {
      to.ensureWritable(engine.getSession().getPacketBufferSize());
      result = engine.wrap(plain, to.nioBuffer(to.writerIndex(), to.writableBytes()));
      to.writerIndex(to.writerIndex() + result.bytesProduced());
    } while (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW);
    push();
    opened(result);
  }

  /// Whether nothing waits any more.
  private boolean push() {
    ByteBuf waiting = sealed;
    if (over || (waiting != null && waiting.isReadable() && !stream().write(waiting)) || over) {
      return false;
    }
    sealed = null;
    if (waiting != null) {
      waiting.release();
    }
    return true;
  }

  @Override
  public boolean write(ByteBuf data) {
    try {
      while (open && !localEnded && data.isReadable() && push()) {
        ByteBuffer plain =
            data.nioBuffer(data.readerIndex(), Math.min(data.readableBytes(), RECORD));
        int bytes = plain.remaining();
        if (engine.isOutboundDone()) {
          failed("the peer has ended both directions"); // before TLS 1.3 it ends them together
          return false;
        }
        seal(plain);
        data.skipBytes(bytes - plain.remaining());
      }
    } catch (SSLException broken) {
      broken(broken);
    }
    blocked = data.isReadable();
    return !blocked;
  }

  @Override
  public int writableBytes() {
    return over || localEnded || !open || sealed != null ? 0 : RECORD;
  }

  @Override
  public void end() {
    if (localEnded || over) {
      return;
    }
    localEnded = true;
    engine.closeOutbound();
    try {
      while (!over && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        seal(ByteBuffer.allocate(0));
      }
    } catch (SSLException broken) {
      broken(broken);
    }
    endBelow();
  }

  private void endBelow() {
    if (push()) {
      stream().end();
      finishIfEnded();
    }
  }

  private void finishIfEnded() {
    if (localEnded && remoteEnded && !over && sealed == null) {
      finish(new StreamClosed.Finished());
    }
  }

  @Override
  public void reset(int h2ErrorCode) {
    if (!over) {
      stream().reset(h2ErrorCode);
      finish(new StreamClosed.Reset(h2ErrorCode, false));
    }
  }

  @Override
  public void acknowledge(int bytes) {
    stream().acknowledge(bytes);
  }

  // the end

  private void broken(SSLException why) {
    if (over) {
      return;
    }
    try {
      seal(ByteBuffer.allocate(0)); // the alert
    } catch (SSLException silent) {
      why.addSuppressed(silent);
    }
    Throwable cause = why;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    failed(String.valueOf(cause.getMessage()));
  }

  private void failed(String text) {
    if (over) {
      return;
    }
    String why = "TLS error: " + text;
    HboneStream to = below;
    finish(
        open
            ? new StreamClosed.TunnelLost(why)
            : new StreamClosed.Failed(new HboneFailure.Io(why)));
    if (to != null) {
      to.end(); // lets the alert out
      to.reset(H2Error.CANCEL);
    }
  }

  private void finish(StreamClosed why) {
    if (!over) {
      over = true;
      release(incoming);
      release(sealed);
      incoming = null;
      sealed = null;
      handler.closed(why);
    }
  }

  private static void release(@Nullable ByteBuf held) {
    if (held != null) {
      held.release();
    }
  }

  // a stream

  private HboneStream stream() {
    HboneStream to = below;
    if (to == null) {
      throw new IllegalStateException("not open");
    }
    return to;
  }

  @Override
  public EventLoop loop() {
    return stream().loop();
  }

  @Override
  public TunnelPeer peer() {
    return stream().peer();
  }

  @Override
  public int id() {
    return stream().id();
  }

  /// What the stream below says.
  private final class Below implements StreamHandler {
    @Override
    public void opened(HboneStream stream, ConnectResponse answer) {
      if (!answer.accepted()) {
        handler.opened(stream, answer); // `closed` follows
        return;
      }
      below = stream;
      response = answer;
      try {
        engine.beginHandshake();
        step();
      } catch (SSLException broken) {
        broken(broken);
      }
    }

    @Override
    public void data(ByteBuf borrowed) {
      if (over) {
        stream().acknowledge(borrowed.readableBytes());
        return;
      }
      ByteBuf into = incoming;
      if (into == null) {
        into = PooledByteBufAllocator.DEFAULT.heapBuffer(borrowed.readableBytes());
        incoming = into;
      }
      into.discardSomeReadBytes().writeBytes(borrowed);
      try {
        step();
      } catch (SSLException broken) {
        broken(broken);
      }
    }

    @Override
    public void dataComplete() {
      if (open && !over) {
        handler.dataComplete();
      }
    }

    @Override
    public void end() {
      if (!remoteEnded) {
        failed(open ? "the peer ended without close_notify" : "the peer hung up");
      }
    }

    @Override
    public void writable() {
      if (!push()) {
        return;
      }
      if (localEnded) {
        endBelow();
      } else if (blocked) {
        blocked = false;
        handler.writable();
      }
    }

    @Override
    public void closed(StreamClosed why) {
      if (why instanceof StreamClosed.Finished) {
        end();
      }
      // lost before TLS stood: the endpoint was not reached
      finish(
          why instanceof StreamClosed.TunnelLost(String text) && !open
              ? new StreamClosed.Failed(new HboneFailure.Io("TLS error: " + text))
              : why);
    }
  }
}
