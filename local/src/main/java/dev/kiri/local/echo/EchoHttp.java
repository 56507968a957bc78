package dev.kiri.local.echo;

import dev.kiri.local.api.Json;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Answers the requests of one HTTP/1.1 connection, or the one request of an HTTP/2 stream, gRPC
/// among them. Confined to its channel's event loop.
final class EchoHttp extends SimpleChannelInboundHandler<HttpObject> {
  /// How much of a body is told back.
  private static final int BODY_LIMIT = 1024;

  private static final int CHUNK = 65_536;
  private static final ByteBuf ZEROES =
      Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[CHUNK]));

  private final EchoIdentity who;
  private final boolean tls;
  private final String protocol;
  private @Nullable HttpRequest request;
  private byte[] body = new byte[0];
  private long bytesLeft;
  private int answering;
  private boolean clientDone;

  EchoHttp(EchoIdentity who, boolean tls, String protocol) {
    this.who = who;
    this.tls = tls;
    this.protocol = protocol;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (message instanceof HttpRequest head) {
      request = head;
      body = new byte[0];
    }
    if (message instanceof HttpContent content) {
      keep(content.content());
    }
    var head = request;
    if (message instanceof LastHttpContent && head != null) {
      request = null;
      answering++;
      answer(ctx, head);
    }
  }

  private void keep(ByteBuf part) {
    int take = Math.min(part.readableBytes(), BODY_LIMIT - body.length);
    if (take > 0) {
      var longer = java.util.Arrays.copyOf(body, body.length + take);
      part.getBytes(part.readerIndex(), longer, body.length, take);
      body = longer;
    }
  }

  private void answer(ChannelHandlerContext ctx, HttpRequest head) {
    var type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    if (type.startsWith("application/grpc")) {
      grpc(ctx, head);
      return;
    }
    switch (EchoAnswer.to(head.uri())) {
      case EchoAnswer.Json(int status, long delay) when delay > 0 -> {
        var text = json(ctx, head, protocol, body);
        ctx.executor().schedule(() -> send(ctx, head, status, text), delay, TimeUnit.MILLISECONDS);
      }
      case EchoAnswer.Json(int status, _) ->
          send(ctx, head, status, json(ctx, head, protocol, body));
      case EchoAnswer.Flaky(long n) ->
          send(ctx, head, who.flakiness().fails(n) ? 503 : 200, json(ctx, head, protocol, body));
      case EchoAnswer.Bytes(long count) -> bytes(ctx, head, count);
    }
  }

  private String json(ChannelHandlerContext ctx, HttpRequest head, String spoken, byte[] content) {
    var host = head.headers().get(HttpHeaderNames.HOST, "");
    return Json.line(
        EchoAnswer.seen(
            who,
            spoken,
            tls,
            Peer.of(ctx.channel()),
            head.method().name(),
            host,
            head.uri(),
            headers(head.headers()),
            new String(content, StandardCharsets.UTF_8)));
  }

  /// Names in lower case with all their values. What Netty adds to an HTTP/2 message is left out.
  static Map<String, List<String>> headers(HttpHeaders headers) {
    var out = new TreeMap<String, List<String>>();
    for (var header : headers) {
      var name = header.getKey().toLowerCase(Locale.ROOT);
      if (!name.startsWith("x-http2-")) {
        out.computeIfAbsent(name, _ -> new ArrayList<>()).add(header.getValue());
      }
    }
    return out;
  }

  private void send(ChannelHandlerContext ctx, HttpRequest head, int status, String text) {
    boolean empty = status == 204 || status == 304 || status == 205;
    var bytes = empty ? new byte[0] : (text + "\n").getBytes(StandardCharsets.UTF_8);
    boolean isHead = head.method().equals(HttpMethod.HEAD);
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            Unpooled.wrappedBuffer(isHead ? new byte[0] : bytes));
    if (!empty) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    }
    ctx.writeAndFlush(response).addListener(_ -> answered(ctx));
  }

  private void bytes(ChannelHandlerContext ctx, HttpRequest head, long count) {
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream");
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, count);
    ctx.write(response);
    bytesLeft = head.method().equals(HttpMethod.HEAD) ? 0 : count;
    if (bytesLeft == 0) {
      ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(_ -> answered(ctx));
    } else {
      pump(ctx);
    }
  }

  /// Writes as long as the channel takes it; goes on when it is writable again.
  private void pump(ChannelHandlerContext ctx) {
    while (bytesLeft > 0 && ctx.channel().isWritable()) {
      int size = (int) Math.min(CHUNK, bytesLeft);
      bytesLeft -= size;
      ctx.write(new DefaultHttpContent(ZEROES.duplicate().writerIndex(size)));
      if (bytesLeft == 0) {
        ctx.write(LastHttpContent.EMPTY_LAST_CONTENT).addListener(_ -> answered(ctx));
      }
    }
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (bytesLeft > 0 && ctx.channel().isWritable()) {
      pump(ctx);
    }
    ctx.fireChannelWritabilityChanged();
  }

  /// One message whose field 1 is the JSON text; the health service answers that it serves.
  private void grpc(ChannelHandlerContext ctx, HttpRequest head) {
    var message =
        body.length > 5 ? java.util.Arrays.copyOfRange(body, 5, body.length) : new byte[0];
    var payload =
        head.uri().equals("/grpc.health.v1.Health/Check")
            ? new byte[] {0x08, 0x01}
            : GrpcText.message(json(ctx, head, "gRPC", message));
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/grpc");
    ctx.write(response);
    ctx.write(new DefaultHttpContent(Unpooled.wrappedBuffer(GrpcText.framed(payload))));
    var last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
    last.trailingHeaders().set("grpc-status", "0");
    ctx.writeAndFlush(last).addListener(_ -> answered(ctx));
  }

  /// A client that has said all it will say is closed when it has all answers.
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      clientDone = true;
      closeWhenDone(ctx);
    }
    ctx.fireUserEventTriggered(event);
  }

  private void answered(ChannelHandlerContext ctx) {
    answering--;
    closeWhenDone(ctx);
  }

  private void closeWhenDone(ChannelHandlerContext ctx) {
    if (clientDone && answering == 0) {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
