package dev.kiri.hbone.bridge;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/// A plain TCP connection that behaves like a stream: FIN for END_STREAM, a closed socket for a
/// reset that says its sender is done ([H2Error#isDone]) and RST for any other, and no more than
/// [#WINDOW] unacknowledged bytes in either direction. Confined to the
/// channel's loop.
public final class TcpStream implements HboneStream, TcpSide.Other {
  /// Bytes that are read before some are acknowledged, and that are written before the socket has
  /// taken some.
  public static final int WINDOW = 256 << 10;

  private final TcpSide tcp;
  private final TunnelPeer peer;
  private final StreamHandler handler;
  private int unacknowledged;
  private boolean localEnded;
  private boolean remoteEnded;
  private boolean blocked;
  private boolean over;

  /// Bytes flow from now on, those that were held ([TcpHold]) first. `opened` is not called: the
  /// caller has the stream. `peer` is who the other end is known to be.
  public static TcpStream attach(Channel channel, TunnelPeer peer, StreamHandler handler) {
    return new TcpStream(channel, peer, handler);
  }

  private TcpStream(Channel channel, TunnelPeer peer, StreamHandler handler) {
    this.peer = peer;
    this.handler = handler;
    this.tcp = TcpSide.attach(channel, this);
  }

  /// Delivers what was held, then reads. Call it once, when `handler` may be called.
  public void begin() {
    tcp.deliverHeld();
    if (!over && unacknowledged < WINDOW) {
      tcp.resume();
    }
  }

  // from the socket

  @Override
  public int capacity() {
    return Math.max(0, WINDOW - unacknowledged);
  }

  @Override
  public void read(ByteBuf scratch) {
    if (over) {
      return;
    }
    unacknowledged += scratch.readableBytes();
    if (unacknowledged >= WINDOW) {
      tcp.pause();
    }
    handler.data(scratch);
    handler.dataComplete();
  }

  @Override
  public void readEnded(@Nullable String resetText) {
    remoteEnded = true;
    if (resetText != null) {
      tcp.channel().close(); // no end: what came may be half of something
      finish(new StreamClosed.TunnelLost(resetText));
      return;
    }
    if (!over) {
      handler.end();
      finishIfEnded();
    }
    tcp.closeIfEnded();
  }

  @Override
  public void progress() {
    if (blocked && !over && isWritable()) {
      blocked = false;
      handler.writable();
    }
  }

  @Override
  public void gone() {
    finish(new StreamClosed.TunnelLost("connection closed by the peer"));
  }

  private void finishIfEnded() {
    if (localEnded && remoteEnded) {
      finish(new StreamClosed.Finished());
    }
  }

  private void finish(StreamClosed why) {
    if (!over) {
      over = true;
      handler.closed(why);
    }
  }

  // to the socket

  @Override
  public EventLoop loop() {
    return tcp.channel().eventLoop();
  }

  @Override
  public boolean write(ByteBuf data) {
    int bytes = Math.min(data.readableBytes(), writableBytes());
    if (bytes > 0) {
      tcp.write(data, data.readerIndex(), bytes);
      data.skipBytes(bytes);
    }
    if (!data.isReadable()) {
      return true;
    }
    blocked = true;
    return false;
  }

  @Override
  public int writableBytes() {
    return over || localEnded || !tcp.canWrite() ? 0 : (int) Math.max(0, WINDOW - tcp.pending());
  }

  @Override
  public void end() {
    if (!localEnded && !over) {
      localEnded = true;
      tcp.endOutput();
      finishIfEnded();
    }
  }

  @Override
  public void reset(int h2ErrorCode) {
    if (!over) {
      if (H2Error.isDone(h2ErrorCode)) {
        tcp.channel().close();
      } else {
        tcp.resetNow();
      }
      finish(new StreamClosed.Reset(h2ErrorCode, false));
    }
  }

  @Override
  public void acknowledge(int bytes) {
    unacknowledged = Math.max(0, unacknowledged - bytes);
    if (unacknowledged <= WINDOW / 2 && !over) {
      tcp.resume();
    }
  }

  @Override
  public TunnelPeer peer() {
    return peer;
  }

  @Override
  public int id() {
    return 0;
  }
}
