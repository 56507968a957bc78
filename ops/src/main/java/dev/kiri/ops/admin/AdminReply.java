package dev.kiri.ops.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends an answer in chunks from a virtual thread, one chunk in flight at a time, and closes the
/// connection after it: an operator's request is rare, a held connection is not worth its keep.
final class AdminReply {
  private static final int CHUNK = 32 * 1024;
  private static final Logger LOG = LoggerFactory.getLogger("admin");

  private AdminReply() {}

  static void send(ChannelHandlerContext ctx, AdminResponse response, boolean head) {
    var small = new FirstChunk(ctx, response);
    try (var out = new BufferedOutputStream(small, CHUNK)) {
      if (!head) {
        response.body().writeTo(out);
      }
    } catch (IOException | RuntimeException broken) {
      LOG.debug("answer could not be sent", broken);
      ctx.close();
    }
  }

  /// Collects the body; one that fits into a chunk is sent with its length, a longer one chunked.
  private static final class FirstChunk extends OutputStream {
    private final ChannelHandlerContext ctx;
    private final AdminResponse response;
    private byte[] held = new byte[0];
    private boolean started;

    FirstChunk(ChannelHandlerContext ctx, AdminResponse response) {
      this.ctx = ctx;
      this.response = response;
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (!started && held.length == 0) {
        held = Arrays.copyOfRange(bytes, offset, offset + length);
        return;
      }
      if (!started) {
        started = true;
        var start = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status());
        addHeaders(start);
        start.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        ctx.write(start);
        push(held, 0, held.length);
      }
      push(bytes, offset, length);
    }

    private void push(byte[] bytes, int offset, int length) throws IOException {
      var copy = Unpooled.copiedBuffer(bytes, offset, length);
      var sent = ctx.writeAndFlush(new DefaultHttpContent(copy)).awaitUninterruptibly();
      if (!sent.isSuccess()) {
        throw new IOException("peer went away", sent.cause());
      }
    }

    @Override
    public void close() {
      if (started) {
        ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
            .addListener(ChannelFutureListener.CLOSE);
        return;
      }
      var whole =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status(), Unpooled.wrappedBuffer(held));
      addHeaders(whole);
      whole.headers().set(HttpHeaderNames.CONTENT_LENGTH, held.length);
      ctx.writeAndFlush(whole).addListener(ChannelFutureListener.CLOSE);
    }

    private HttpResponseStatus status() {
      return HttpResponseStatus.valueOf(response.status());
    }

    private void addHeaders(HttpResponse message) {
      response.headers().forEach((name, value) -> message.headers().set(name, value));
      message.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }
}
