package dev.kiri.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;

/// Netty's HTTP/2 codec, run over a byte stream by means of an in-memory channel: bytes in, frames
/// to a listener, frames out as bytes. Windows, HPACK and the guards against floods are the
/// codec's. Confined to the stream's loop.
final class Http2Engine {
  private static final int STREAM_WINDOW = 256 * 1024;
  private static final int MAX_STREAMS = 100;

  /// RFC 8441 3.
  private static final char ENABLE_CONNECT_PROTOCOL = 8;

  /// Bytes of all fields of one head, the same as for HTTP/1.1.
  private static final int MAX_HEADER_LIST = HeadReader.MAX_BYTES;

  private final EmbeddedChannel channel;
  private final Http2ConnectionHandler handler;
  private final Http2Connection connection;
  private final ChannelHandlerContext ctx;
  private final StreamOutput out;

  Http2Engine(boolean server, StreamOutput out, Http2Frames listener) {
    this.out = out;
    connection = new DefaultHttp2Connection(server, MAX_STREAMS);
    connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamClosed(Http2Stream stream) {
            listener.closed(stream.id());
          }
        });
    Http2Settings settings =
        new Http2Settings().initialWindowSize(STREAM_WINDOW).maxHeaderListSize(MAX_HEADER_LIST);
    if (server) {
      settings.maxConcurrentStreams(MAX_STREAMS);
      settings.put(ENABLE_CONNECT_PROTOCOL, Long.valueOf(1));
    } else {
      settings.pushEnabled(false);
    }
    handler =
        new Http2ConnectionHandlerBuilder()
            .connection(connection)
            .frameListener(listener)
            .initialSettings(settings)
            .validateHeaders(true)
            .gracefulShutdownTimeoutMillis(0)
            .build();
    channel = new EmbeddedChannel(handler);
    ctx = channel.pipeline().context(handler);
    pump();
  }

  Http2Connection connection() {
    return connection;
  }

  /// False when the codec has given up: the connection is broken, GOAWAY is on its way.
  boolean received(ByteBuf in) {
    int bytes = in.readableBytes();
    if (channel.isOpen()) {
      try {
        channel.writeInbound(in.readRetainedSlice(bytes));
      } catch (RuntimeException broken) {
        channel.close();
      }
    }
    out.acknowledge(bytes);
    pump();
    return channel.isOpen();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  void headers(int stream, Http2Headers headers, boolean end) {
    handler.encoder().writeHeaders(ctx, stream, headers, 0, end, ctx.newPromise());
    pump();
  }

  /// The payload is copied. Answers whether more would be sent at once.
  boolean data(int stream, ByteBuf payload, boolean end) {
    ByteBuf copy = ctx.alloc().buffer(payload.readableBytes());
    copy.writeBytes(payload);
    handler.encoder().writeData(ctx, stream, copy, 0, end, ctx.newPromise());
    pump();
    return writable(stream);
  }

  boolean writable(int stream) {
    Http2Stream known = connection.stream(stream);
    return !out.blocked() && known != null && handler.encoder().flowController().isWritable(known);
  }

  void reset(int stream, long code) {
    handler.resetStream(ctx, stream, code, ctx.newPromise());
    pump();
  }

  void consumed(int stream, int bytes) {
    Http2Stream known = connection.stream(stream);
    if (known == null || bytes == 0) {
      return;
    }
    try {
      if (handler.decoder().flowController().consumeBytes(known, bytes)) {
        pump();
      }
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /// Announces that no new streams are taken; those that run go on.
  void goAway() {
    handler
        .encoder()
        .writeGoAway(
            ctx,
            connection.remote().lastStreamCreated(),
            0,
            io.netty.buffer.Unpooled.EMPTY_BUFFER,
            ctx.newPromise());
    pump();
  }

  void pump() {
    // A codec that has given up has closed its channel, and its GOAWAY is still to be sent.
    if (channel.isOpen()) {
      channel.flushOutbound();
    }
    for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
      if (bytes.readableBytes() <= Gather.SMALL) {
        out.gather();
      }
      out.write(bytes);
      bytes.release();
    }
  }

  void close() {
    channel.finishAndReleaseAll();
  }
}
