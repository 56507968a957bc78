package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.Objects;

/// A plain TCP connection that behaves like a stream, for endpoints outside the mesh. Credit is
/// counted: reading stops while more than [#WINDOW] bytes are not acknowledged. Confined to its
/// loop.
public final class PlainStream extends ChannelInboundHandlerAdapter implements HboneStream {
  static final int WINDOW = 256 * 1024;

  private final Channel channel;
  private final StreamHandler handler;
  private int unacknowledged;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean over;

  private PlainStream(Channel channel, StreamHandler handler) {
    this.channel = channel;
    this.handler = handler;
  }

  public static void connect(
      EventLoop loop, NettyTransport transport, InetSocketAddress to, StreamHandler handler) {
    new Bootstrap()
        .group(loop)
        .channelFactory(() -> transport.newSocket().get())
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(WINDOW / 2, WINDOW))
        .handler(
            new io.netty.channel.ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel made) {
                made.pipeline().addLast(new PlainStream(made, handler));
              }
            })
        .connect(to)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                handler.closed(new StreamClosed.Failed(failure(done.cause(), to)));
              }
            });
  }

  /// The same over a channel that exists: of a sandwiched waypoint, or of a test.
  public static PlainStream of(Channel channel, StreamHandler handler) {
    PlainStream stream = new PlainStream(channel, handler);
    channel.pipeline().addLast(stream);
    return stream;
  }

  private static HboneFailure failure(Throwable cause, InetSocketAddress to) {
    boolean timedOut = cause instanceof io.netty.channel.ConnectTimeoutException;
    String text =
        cause instanceof ConnectException ? "delayed connect error: 111" : cause.toString();
    return timedOut ? new HboneFailure.ConnectTimedOut(to.getPort()) : new HboneFailure.Io(text);
  }

  // ---- from the socket

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    handler.opened(this, ConnectResponse.OK);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    try {
      unacknowledged += data.readableBytes();
      if (unacknowledged > WINDOW) {
        channel.config().setAutoRead(false);
      }
      handler.data(data);
    } finally {
      data.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    handler.dataComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !inputEnded) {
      inputEnded = true;
      handler.end();
      closeIfDone();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      handler.writable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    finish(new StreamClosed.TunnelLost(Objects.toString(cause.getMessage(), cause.toString())));
    channel.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    finish(
        inputEnded && outputEnded ? new StreamClosed.Finished() : new StreamClosed.TunnelLost(""));
  }

  private void finish(StreamClosed why) {
    if (!over) {
      over = true;
      handler.closed(why);
    }
  }

  private void closeIfDone() {
    if (inputEnded && outputEnded) {
      channel.close();
    }
  }

  // ---- to the socket

  @Override
  public EventLoop loop() {
    return channel.eventLoop();
  }

  @Override
  public boolean write(ByteBuf data) {
    if (over || !channel.isWritable()) {
      return false;
    }
    ByteBuf copy = channel.alloc().buffer(data.readableBytes());
    copy.writeBytes(data);
    channel.writeAndFlush(copy, channel.voidPromise());
    return true;
  }

  @Override
  public int writableBytes() {
    return over || !channel.isWritable() ? 0 : WINDOW;
  }

  @Override
  public void end() {
    if (!outputEnded && !over) {
      outputEnded = true;
      ((DuplexChannel) channel).shutdownOutput();
      closeIfDone();
    }
  }

  @Override
  public void reset(int h2ErrorCode) {
    over = true;
    channel.close();
  }

  @Override
  public void acknowledge(int bytes) {
    unacknowledged -= bytes;
    if (unacknowledged <= WINDOW / 2 && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public TunnelPeer peer() {
    return new TunnelPeer(
        null,
        (InetSocketAddress) channel.remoteAddress(),
        (InetSocketAddress) channel.localAddress(),
        "");
  }

  @Override
  public int id() {
    return 0;
  }
}
