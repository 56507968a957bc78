package dev.kiri.local.echo;

import dev.kiri.local.api.Json;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/// Turns a connection into a WebSocket where the client asks for it, and answers each message with
/// the JSON object. Confined to its channel's event loop.
final class EchoWebSocketUpgrade extends ChannelInboundHandlerAdapter {
  private static final int LARGEST_MESSAGE = 65_536;
  private static final int BODY_LIMIT = 1024;

  private final EchoIdentity who;
  private final boolean tls;

  EchoWebSocketUpgrade(EchoIdentity who, boolean tls) {
    this.who = who;
    this.tls = tls;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request && wantsWebSocket(request)) {
      upgrade(ctx, request);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  private static boolean wantsWebSocket(HttpRequest request) {
    return request
        .headers()
        .containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
  }

  private void upgrade(ChannelHandlerContext ctx, HttpRequest request) {
    try {
      var factory =
          new WebSocketServerHandshakerFactory(
              "ws://" + request.headers().get(HttpHeaderNames.HOST, "") + request.uri(),
              null,
              true,
              LARGEST_MESSAGE);
      var handshaker = factory.newHandshaker(request);
      if (handshaker == null) {
        WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(ctx.channel());
        return;
      }
      ctx.pipeline().remove(EchoHttp.class);
      var full =
          new DefaultFullHttpRequest(request.protocolVersion(), request.method(), request.uri());
      full.headers().set(request.headers());
      HttpUtil.setTransferEncodingChunked(full, false);
      handshaker.handshake(ctx.channel(), full);
      ctx.pipeline().addLast(new Messages(request));
    } finally {
      ReferenceCountUtil.release(request);
    }
  }

  /// Answers the messages of one WebSocket.
  private final class Messages extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final HttpRequest opening;

    Messages(HttpRequest opening) {
      this.opening = opening;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      switch (frame) {
        case PingWebSocketFrame ping ->
            ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        case CloseWebSocketFrame close ->
            ctx.writeAndFlush(close.retain()).addListener(_ -> ctx.close());
        default -> ctx.writeAndFlush(new TextWebSocketFrame(json(ctx, frame)));
      }
    }

    private String json(ChannelHandlerContext ctx, WebSocketFrame frame) {
      var content = frame.content();
      var bytes =
          ByteBufUtil.getBytes(
              content, content.readerIndex(), Math.min(content.readableBytes(), BODY_LIMIT));
      return Json.line(
          EchoAnswer.seen(
              who,
              "WebSocket",
              tls,
              Peer.of(ctx.channel()),
              opening.method().name(),
              opening.headers().get(HttpHeaderNames.HOST, ""),
              opening.uri(),
              EchoHttp.headers(opening.headers()),
              new String(bytes, StandardCharsets.UTF_8)));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
