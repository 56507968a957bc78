package dev.kiri.ops.admin;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds a request's handler and runs it on a virtual thread. Shared by all connections; holds no
/// state of one.
@Sharable
final class AdminDispatcher extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger("admin");

  private final Map<String, AdminRoute> routes;
  private final Semaphore connections;

  AdminDispatcher(Map<String, AdminRoute> routes, Semaphore connections) {
    this.routes = routes;
    this.connections = connections;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!connections.tryAcquire()) {
      ctx.close();
      return;
    }
    ctx.channel().closeFuture().addListener(closed -> connections.release());
    ctx.fireChannelActive();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest message) {
    boolean keepAlive = HttpUtil.isKeepAlive(message);
    if (message.decoderResult().isFailure()) {
      refuse(ctx, HttpResponseStatus.BAD_REQUEST, false);
      return;
    }
    QueryStringDecoder uri = new QueryStringDecoder(message.uri());
    String path;
    AdminRequest request;
    try {
      path = uri.path();
      request = request(message, path, uri);
    } catch (IllegalArgumentException malformed) {
      refuse(ctx, HttpResponseStatus.BAD_REQUEST, false);
      return;
    }
    var route = routes.getOrDefault(path, routes.get("*"));
    if (route == null) {
      refuse(ctx, HttpResponseStatus.NOT_FOUND, keepAlive);
      return;
    }
    var handler = route.handler(request.method());
    if (handler == null) {
      refuse(ctx, HttpResponseStatus.METHOD_NOT_ALLOWED, keepAlive);
      return;
    }
    // the handler may take longer than a request may take to arrive
    ctx.pipeline().remove(ReadTimeoutHandler.class);
    ctx.channel().config().setAutoRead(false);
    boolean head = request.method().equals("HEAD");
    Thread.ofVirtual().name("admin " + path).start(() -> run(ctx, handler, request, head));
  }

  private static void run(
      ChannelHandlerContext ctx, AdminHandler handler, AdminRequest request, boolean head) {
    AdminResponse response;
    try {
      response = handler.handle(request);
    } catch (Exception failed) {
      LOG.warn("{} {} failed", request.method(), request.path(), failed);
      response = AdminResponse.text(500, failed.getMessage() + "\n");
    }
    AdminReply.send(ctx, response, head);
  }

  private static AdminRequest request(FullHttpRequest message, String path, QueryStringDecoder q) {
    var headers = new HashMap<String, String>();
    for (var header : message.headers()) {
      headers.merge(
          header.getKey().toLowerCase(Locale.ROOT), header.getValue(), (a, b) -> a + "," + b);
    }
    var body = message.content().toString(StandardCharsets.UTF_8);
    return new AdminRequest(message.method().name(), path, q.parameters(), headers, body);
  }

  private static void refuse(ChannelHandlerContext ctx, HttpResponseStatus why, boolean keepAlive) {
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, why);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    HttpUtil.setKeepAlive(response, keepAlive);
    var sent = ctx.writeAndFlush(response);
    if (!keepAlive) {
      sent.addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // a client that half-closes after its request still gets its answer
    if (!(event instanceof ChannelInputShutdownEvent)) {
      ctx.fireUserEventTriggered(event);
    } else if (ctx.channel().config().isAutoRead()) {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("admin connection ended", cause);
    ctx.close();
  }
}
