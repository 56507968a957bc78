package dev.kiri.hbone.bridge;

import dev.kiri.hbone.transport.JoinedBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The writing half of a [TcpSide]: straight to the socket while it takes everything, joined copies
/// when it does not, then FIN. Confined to the channel's loop.
///
/// Netty gets what waits in one go when it has nothing left: a peer that sends byte by byte to a
/// reader that stalls costs what it sends, not a queue entry for each byte.
final class TcpOutput {
  private static final int LINGER_SECONDS = 2;

  private final Channel channel;
  private final Runnable progress;
  private final Runnable discardInput;
  private final JoinedBytes later;
  private boolean markerOut;
  private boolean endRequested;
  private boolean closeRequested;
  private boolean resetRequested;
  private boolean inputEnded;
  private boolean ended;
  private @Nullable Future<?> lingering;

  /// `progress` runs when [#pending()] has shrunk, `discardInput` when nobody wants what the peer
  /// still sends, but it has to be read.
  TcpOutput(Channel channel, Runnable progress, Runnable discardInput) {
    this.channel = channel;
    this.progress = progress;
    this.discardInput = discardInput;
    this.later = new JoinedBytes(channel.alloc());
  }

  /// Bytes that the socket has not taken, with a little overhead.
  long pending() {
    var out = channel.unsafe().outboundBuffer();
    return later.bytes() + (out == null ? 0 : out.totalPendingWriteBytes());
  }

  /// How many buffers wait before Netty has them.
  int buffers() {
    return later.buffers();
  }

  boolean canWrite() {
    return !ended && !endRequested && channel.isActive();
  }

  /// Writes a piece that leaves by itself: straight to the socket if nothing waits, the rest by
  /// copy.
  void write(ByteBuf memory, int start, int length) {
    int done = 0;
    if (pending() == 0
        && channel instanceof EpollSocketChannel epoll
        && memory.hasMemoryAddress()) {
      done = writeNow(epoll.fd(), memory, start, length);
    }
    if (done < length) {
      writeLater(memory, start + done, length - done);
      flush();
    }
  }

  /// Writes a piece that leaves with others at the next [#flush()].
  void writeLater(ByteBuf memory, int start, int length) {
    later.add(memory, start, length);
  }

  private int writeNow(FileDescriptor socket, ByteBuf memory, int start, int length) {
    try {
      return socket.writeAddress(memory.memoryAddress(), start, start + length);
    } catch (IOException e) {
      return 0; // Netty meets the same error with the copy and acts on it
    }
  }

  void flush() {
    if (nettyIsDone()) {
      for (var next = later.poll(); next != null; next = later.poll()) {
        channel.write(next, channel.voidPromise());
      }
    }
    channel.flush();
    if (pending() > 0 && !markerOut) {
      markerOut = true;
      channel
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener((ChannelFutureListener) _ -> markerPassed());
    }
  }

  private void markerPassed() {
    markerOut = false;
    if (!isDrained() && channel.isActive()) {
      flush();
    }
    progress.run();
    endIfDrained();
  }

  /// Whether the socket has taken everything.
  boolean isDrained() {
    return later.isEmpty() && nettyIsDone();
  }

  // the channel counts a marker as pending until its listeners have been called
  private boolean nettyIsDone() {
    var out = channel.unsafe().outboundBuffer();
    return out == null || out.isEmpty();
  }

  /// FIN once everything has been written; the channel closes when the peer has ended as well.
  void end() {
    endRequested = true;
    endIfDrained();
  }

  /// Closes once everything has been written: FIN, and the socket when the peer has ended as well,
  /// or soon. A socket that is closed with bytes unread makes the kernel send RST, which throws
  /// away what it has not sent.
  void closeWhenDrained() {
    closeRequested = true;
    end();
  }

  /// The same with a reset: what the peer has got by then is not the whole, and it must know.
  void resetWhenDrained() {
    resetRequested = true;
    closeWhenDrained();
  }

  /// Closes with a reset, whatever waits.
  void resetNow() {
    resetRequested = true;
    endRequested = true;
    later.release(); // at once, and not when the channel has told of its end
    close();
  }

  /// The peer has ended its direction: with the end of this one the channel closes.
  void inputEnded() {
    inputEnded = true;
  }

  /// Closes a channel whose both directions are over.
  void closeIfEnded() {
    if (inputEnded && endRequested) {
      endIfDrained();
    }
  }

  /// The channel is closed.
  void gone() {
    ended = true;
    if (lingering != null) {
      lingering.cancel(false);
    }
    later.release();
  }

  private void endIfDrained() {
    if (!endRequested || markerOut || !isDrained()) {
      return; // Netty's shutdownOutput fails writes that are pending
    }
    if (inputEnded || resetRequested) {
      close();
    } else if (closeRequested) {
      linger();
    } else if (!ended) {
      ended = true;
      shutdownOutput();
    }
  }

  private void linger() {
    if (lingering == null && channel.isActive()) {
      lingering =
          channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        ended = true;
        shutdownOutput();
      }
      discardInput.run();
    } else if (!channel.isActive()) {
      channel.close();
    }
  }

  private void close() {
    if (resetRequested && channel.isOpen()) {
      try {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      } catch (ChannelException alreadyReset) {
        // by the peer: then there is nobody to tell
      }
    }
    channel.close();
  }

  private void shutdownOutput() {
    // what ends the input now ends the channel: no half-close of it first
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    if (channel instanceof EpollSocketChannel epoll) {
      try {
        // Netty's own way makes an exception with a stack trace for writes that are not there
        ((Socket) epoll.fd()).shutdown(false, true);
      } catch (IOException | NotYetConnectedException e) {
        channel.close(); // not connected any more, as Netty's second exception is named
      }
    } else {
      ((DuplexChannel) channel).shutdownOutput();
    }
  }
}
