package dev.kiri.hbone.bridge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// Joins two TCP channels of one event loop, for traffic that is not tunnelled. Confined to that
/// loop.
///
/// Each direction is read only while the other side's socket takes everything at once. A FIN is
/// passed on as a FIN and a reset as a reset (upstream turns it into a FIN); both channels are
/// closed when both directions are over.
public final class TcpBridge {
  private final Direction forth;
  private final Direction back;
  private final BridgeObserver observer;
  private int open = 2;

  /// Bytes flow from now on. Both channels must be registered with the same loop and connected.
  public static TcpBridge join(Channel first, Channel second, BridgeObserver observer) {
    if (!first.eventLoop().equals(second.eventLoop())) {
      throw new IllegalArgumentException("channels of two loops: " + first + " and " + second);
    }
    return new TcpBridge(first, second, observer);
  }

  private TcpBridge(Channel first, Channel second, BridgeObserver observer) {
    this.observer = observer;
    forth = new Direction(true);
    back = new Direction(false);
    forth.from = TcpSide.attach(first, forth);
    back.from = TcpSide.attach(second, back);
    forth.from().deliverHeld();
    back.from().deliverHeld();
    forth.resume();
    back.resume();
  }

  /// Closes both channels at once.
  public void abort() {
    forth.close();
    back.close();
  }

  private Direction opposite(Direction of) {
    return of == forth ? back : forth;
  }

  private void channelClosed() {
    if (--open == 0) {
      observer.closed(null);
    }
  }

  /// Reads one side and writes the other.
  private final class Direction implements TcpSide.Other {
    private final boolean forward;
    private @Nullable TcpSide from;

    Direction(boolean forward) {
      this.forward = forward;
    }

    private TcpSide from() {
      if (from == null) {
        throw new IllegalStateException("not attached");
      }
      return from;
    }

    private TcpSide to() {
      return opposite(this).from();
    }

    void resume() {
      from().resume();
    }

    void close() {
      from().channel().close();
    }

    @Override
    public int capacity() {
      return Integer.MAX_VALUE;
    }

    @Override
    public void read(ByteBuf scratch) {
      int bytes = scratch.readableBytes();
      if (!to().canWrite()) {
        return;
      }
      to().write(scratch, scratch.readerIndex(), bytes);
      if (forward) {
        observer.sent(bytes);
      } else {
        observer.received(bytes);
      }
      if (to().pending() > 0) {
        from().pause();
      }
    }

    @Override
    public void readEnded(@Nullable String resetText) {
      if (resetText == null) {
        to().endOutput();
        from().closeIfEnded();
      } else {
        to().resetWhenDrained();
        from().channel().close();
      }
    }

    /// This side's own output has moved: whoever feeds it may be read again.
    @Override
    public void progress() {
      if (from().isDrained()) { // pending() still counts a marker that has just passed
        opposite(this).resume();
      }
    }

    @Override
    public void gone() {
      to().closeWhenDrained();
      channelClosed();
    }
  }
}
