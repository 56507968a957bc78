package dev.kiri.hbone.bridge;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.transport.LoopMemory;
import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.hbone.transport.ScratchReads;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.HalfCloseRegistration;
import io.netty.channel.epoll.Readiness;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One TCP channel of a bridge: reads into scratch memory, writes by a [TcpOutput], half-closes.
/// Confined to the channel's loop.
final class TcpSide extends ChannelInboundHandlerAdapter implements ScratchReads.Source {
  private static final int SMALLEST_READ = 4_096;
  private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(256 << 10, 512 << 10);

  /// The rest of the bridge.
  interface Other {
    /// How much a read may bring now.
    int capacity();

    /// Borrowed for the call.
    void read(ByteBuf scratch);

    /// The peer will send nothing more: FIN, or a reset, which `resetText` names.
    void readEnded(@Nullable String resetText);

    /// [#pending()] has shrunk.
    void progress();

    /// The channel is closed.
    void gone();
  }

  private final Channel channel;
  private final TcpOutput output;
  private Other other;
  private @Nullable ScratchReads reads;
  private @Nullable Leftovers held;
  private @Nullable String readError;
  private boolean accepted; // a client's that was held and has not been read
  private boolean readEnded;

  private TcpSide(Channel channel, Other other) {
    this.channel = channel;
    this.other = other;
    this.output = new TcpOutput(channel, () -> this.other.progress(), this::resume);
  }

  /// Reads nothing until resumed. Takes over from [#hold]; the new owner then calls
  /// [#deliverHeld()].
  static TcpSide attach(Channel channel, Other other) {
    var holding = channel.pipeline().get(TcpSide.class);
    if (holding != null) {
      holding.other = other;
      return holding;
    }
    return install(channel, other);
  }

  /// Keeps what arrives until somebody attaches: bytes and FIN may come with reading switched off.
  static void hold(Channel channel) {
    var kept = new Leftovers();
    var side = install(channel, new Holding(kept));
    side.held = kept;
    side.accepted = true;
  }

  private static TcpSide install(Channel channel, Other other) {
    var side = new TcpSide(channel, other);
    var config = channel.config();
    config.setAutoRead(false);
    config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    config.setWriteBufferWaterMark(MARKS);
    side.reads = ScratchReads.install(channel, side);
    channel.pipeline().addLast(side);
    return side;
  }

  /// Passes on what came before the owner did.
  void deliverHeld() {
    var kept = held;
    held = null;
    if (kept != null) {
      kept.deliver(other::read);
    }
    if (kept != null && readEnded) {
      other.readEnded(readError);
    }
    if (kept != null && !channel.isOpen()) {
      other.gone();
    }
  }

  /// Writes a copy of what is held; reads before, if nothing is.
  int tell(HboneStream to) {
    var kept = held;
    if (kept == null) {
      return 0;
    }
    if (kept.isEmpty() && !readEnded) {
      Readiness.read(channel);
    }
    return kept.copy(to);
  }

  /// Drops the first bytes of what is held. The client has said something: more of it is waited for
  /// like that of others.
  void forget(int bytes) {
    accepted = false;
    if (held != null) {
      held.drop(bytes);
    }
  }

  Channel channel() {
    return channel;
  }

  void resume() {
    if (!readEnded && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
  }

  /// The first time, when there is somebody to read for. A client has mostly spoken by then: its
  /// bytes are read at once.
  void begin() {
    resume();
    if (accepted && !readEnded) {
      Readiness.read(channel);
    }
  }

  void pause() {
    if (channel.config().isAutoRead()) {
      channel.config().setAutoRead(false);
    }
  }

  // reading

  @Override
  public ByteBuf next(int most) {
    var scratch = LoopMemory.current().applicationReads();
    int room = Math.min(most, scratch.capacity() - LoopMemory.FRAME_HEADER);
    int bytes = Math.min(room, Math.max(SMALLEST_READ, other.capacity()));
    // writableBytes() bounds the read: begin as far back as leaves just that
    int start = scratch.capacity() - bytes;
    return scratch.setIndex(start, start);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      if (reads != null) {
        reads.brought(bytes.readableBytes());
      }
      try {
        other.read(bytes);
      } finally {
        bytes.release();
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      HalfCloseRegistration.keep(channel);
      endRead();
    } else if (event instanceof ChannelInputShutdownReadComplete) {
      endRead();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      readError = OsErrors.text(cause); // Netty ends the input, or closes, right after
    } else {
      ctx.close();
    }
  }

  private void endRead() {
    if (!readEnded) {
      readEnded = true;
      output.inputEnded();
      other.readEnded(readError);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    endRead();
    output.gone();
    other.gone();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      other.progress();
    }
  }

  // writing

  /// Bytes that the socket has not taken, with a little overhead.
  long pending() {
    return output.pending();
  }

  /// Whether the socket has taken everything.
  boolean isDrained() {
    return output.isDrained();
  }

  boolean canWrite() {
    return output.canWrite();
  }

  /// Writes a piece that leaves by itself.
  void write(ByteBuf memory, int start, int length) {
    output.write(memory, start, length);
  }

  /// Writes a piece that leaves with others at the next [#flush()].
  void writeLater(ByteBuf memory, int start, int length) {
    output.writeLater(memory, start, length);
  }

  void flush() {
    output.flush();
  }

  /// FIN once everything has been written; the channel closes when the peer has ended as well.
  void endOutput() {
    output.end();
  }

  /// Closes once everything has been written.
  void closeWhenDrained() {
    output.closeWhenDrained();
  }

  /// The same with a reset: what the peer has got by then is not the whole, and it must know.
  void resetWhenDrained() {
    output.resetWhenDrained();
  }

  /// Closes with a reset, whatever waits.
  void resetNow() {
    output.resetNow();
  }

  /// Closes a channel whose both directions are over.
  void closeIfEnded() {
    output.closeIfEnded();
  }

  /// Nobody has decided yet.
  private record Holding(Leftovers kept) implements Other {
    @Override
    public int capacity() {
      return 0;
    }

    @Override
    public void read(ByteBuf scratch) {
      kept.add(scratch);
    }

    @Override
    public void readEnded(@Nullable String resetText) {}

    @Override
    public void progress() {}

    @Override
    public void gone() {
      kept.release();
    }
  }
}
