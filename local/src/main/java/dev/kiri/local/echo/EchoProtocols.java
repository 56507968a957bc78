package dev.kiri.local.echo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Tells HTTP/2, HTTP/1.1 and plain lines apart by their first bytes, and puts the right handlers
/// in its place. Confined to its channel's event loop.
final class EchoProtocols extends ByteToMessageDecoder {
  private static final byte[] PREFACE = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);
  private static final List<String> METHODS =
      List.of(
          "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT ");
  private static final int LONGEST_METHOD = 8;
  private static final int LONGEST_LINE = 65_536;
  private static final int LARGEST_HEADERS = 65_536;

  private final EchoIdentity who;
  private final boolean tls;

  EchoProtocols(EchoIdentity who, boolean tls) {
    this.who = who;
    this.tls = tls;
  }

  private enum Guess {
    HTTP_2,
    HTTP_1,
    LINES,
    UNDECIDED
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    var guess = who.isPlainTcp() ? Guess.LINES : guess(in);
    if (guess == Guess.UNDECIDED) {
      return;
    }
    become(ctx, guess);
    ctx.pipeline().remove(this);
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (in.isReadable()) { // ended before it could be told: then it is a line
      become(ctx, Guess.LINES);
      ctx.pipeline().remove(this);
    }
  }

  private static Guess guess(ByteBuf in) {
    var start =
        in.toString(
            in.readerIndex(),
            Math.min(in.readableBytes(), PREFACE.length),
            StandardCharsets.ISO_8859_1);
    var preface = new String(PREFACE, StandardCharsets.US_ASCII);
    if (start.equals(preface)) {
      return Guess.HTTP_2;
    }
    for (var method : METHODS) {
      if (start.startsWith(method)) {
        return Guess.HTTP_1;
      }
    }
    boolean mayBecome =
        preface.startsWith(start)
            || start.length() < LONGEST_METHOD
                && METHODS.stream().anyMatch(m -> m.startsWith(start));
    return mayBecome ? Guess.UNDECIDED : Guess.LINES;
  }

  private void become(ChannelHandlerContext ctx, Guess guess) {
    var pipeline = ctx.pipeline();
    switch (guess) {
      case HTTP_2 -> {
        pipeline.addLast(
            Http2FrameCodecBuilder.forServer()
                .initialSettings(
                    Http2Settings.defaultSettings()
                        .maxHeaderListSize(LARGEST_HEADERS)
                        .initialWindowSize(1 << 20))
                .build());
        pipeline.addLast(new Http2MultiplexHandler(new Streams(who, tls)));
      }
      case HTTP_1 -> {
        pipeline.addLast(new HttpServerCodec(4096, LARGEST_HEADERS, 8192));
        pipeline.addLast(new HttpServerKeepAliveHandler());
        pipeline.addLast(new HttpServerExpectContinueHandler());
        pipeline.addLast(new EchoWebSocketUpgrade(who, tls));
        pipeline.addLast(new EchoHttp(who, tls, "HTTP/1.1"));
      }
      case LINES -> {
        pipeline.addLast(
            new LineBasedFrameDecoder(LONGEST_LINE) {
              @Override
              protected void decodeLast(ChannelHandlerContext c, ByteBuf in, List<Object> out)
                  throws Exception {
                super.decodeLast(c, in, out);
                if (in.isReadable()) {
                  out.add(in.readRetainedSlice(in.readableBytes())); // a last line without its end
                }
              }
            });
        pipeline.addLast(new EchoLines(who, tls));
      }
      case UNDECIDED -> throw new IllegalStateException("nothing to become");
    }
  }

  /// The handlers of one HTTP/2 stream.
  private static final class Streams extends ChannelInitializer<Channel> {
    private final EchoIdentity who;
    private final boolean tls;

    Streams(EchoIdentity who, boolean tls) {
      this.who = who;
      this.tls = tls;
    }

    @Override
    protected void initChannel(Channel stream) {
      stream
          .pipeline()
          .addLast(new Http2StreamFrameToHttpObjectCodec(true), new EchoHttp(who, tls, "HTTP/2"));
    }
  }
}
