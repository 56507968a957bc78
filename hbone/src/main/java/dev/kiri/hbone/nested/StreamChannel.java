package dev.kiri.hbone.nested;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A stream as a channel, so that a tunnel can be made in it. Confined to the stream's loop.
///
/// States: *waiting* (no stream yet) → *active* → *closed*. Writes go as far as the stream's
/// windows allow and wait in the channel's outbound buffer otherwise. Reads cannot be switched off:
/// a tunnel reads always, its own windows bound what arrives, so credit goes back at once.
///
/// Closing sends END_STREAM after what was written and waits for the peer's, a bounded time: a
/// reset could make a gateway in between throw away what it has not passed on yet.
final class StreamChannel extends AbstractChannel implements StreamHandler {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final int LINGER_SECONDS = 5;

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final Consumer<StreamClosed> neverOpened;
  private @Nullable HboneStream stream;
  private final ArrayDeque<ByteBuf> early = new ArrayDeque<>(0); // of an incoming stream
  private @Nullable Future<?> linger;
  private boolean open = true;
  private boolean over;
  private boolean blocked;

  /// `neverOpened` hears why there is no stream, if there will be none.
  StreamChannel(Consumer<StreamClosed> neverOpened) {
    super(null);
    this.neverOpened = neverOpened;
  }

  /// The channel becomes active; it is registered with the stream's loop.
  void begin(HboneStream opened) {
    stream = opened;
    if (!open) {
      linger(opened);
      return;
    }
    pipeline().fireChannelActive();
    for (var next = early.pollFirst(); next != null; next = early.pollFirst()) {
      pipeline().fireChannelRead(next);
    }
  }

  // from the stream

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {
    if (response.accepted()) {
      begin(opened);
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    int bytes = borrowed.readableBytes();
    var from = stream;
    if (open) {
      var copy = alloc().directBuffer(bytes).writeBytes(borrowed);
      if (from == null) {
        early.addLast(copy);
      } else {
        pipeline().fireChannelRead(copy);
      }
    }
    if (from != null) {
      from.acknowledge(bytes);
    }
  }

  @Override
  public void dataComplete() {
    if (open) {
      pipeline().fireChannelReadComplete();
    }
  }

  @Override
  public void end() {
    unsafe().close(voidPromise()); // TLS has no half-close that a tunnel would use
  }

  @Override
  public void writable() {
    if (blocked) {
      blocked = false;
      ((Unsafe) unsafe()).writeOn();
    }
  }

  @Override
  public void closed(StreamClosed why) {
    over = true;
    if (linger != null) {
      linger.cancel(false);
    }
    if (stream == null) {
      neverOpened.accept(why);
    } else if (open) {
      pipeline().fireUserEventTriggered(why);
    }
    unsafe().close(voidPromise());
  }

  // to the stream

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    var to = stream;
    if (to == null) {
      return;
    }
    for (var message = in.current(); message != null; message = in.current()) {
      var bytes = (ByteBuf) message;
      int before = bytes.readableBytes();
      boolean all = to.write(bytes);
      in.progress(before - bytes.readableBytes());
      if (!all) {
        blocked = true;
        return;
      }
      in.remove();
    }
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException("a stream carries bytes only: " + message.getClass());
  }

  @Override
  protected void doClose() {
    open = false;
    early.forEach(ByteBuf::release);
    early.clear();
    var to = stream;
    if (to != null) {
      linger(to);
    }
  }

  private void linger(HboneStream closing) {
    closing.end();
    if (!over) {
      linger =
          closing
              .loop()
              .schedule(() -> closing.reset(H2Error.CANCEL), LINGER_SECONDS, TimeUnit.SECONDS);
    }
  }

  // a channel

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open && stream != null;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return stream == null ? null : stream.peer().local();
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return stream == null ? null : stream.peer().remote();
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return (InetSocketAddress) super.remoteAddress();
  }

  @Override
  protected void doBeginRead() {
    // the stream delivers by itself
  }

  @Override
  protected void doBind(SocketAddress local) {
    throw new UnsupportedOperationException("a stream has no socket of its own");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new Unsafe();
  }

  private final class Unsafe extends AbstractUnsafe {
    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      promise.setFailure(new UnsupportedOperationException("a stream is opened, not connected"));
    }

    void writeOn() {
      flush0();
    }
  }
}
