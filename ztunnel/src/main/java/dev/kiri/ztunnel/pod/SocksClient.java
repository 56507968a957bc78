package dev.kiri.ztunnel.pod;

import dev.kiri.ztunnel.dns.PodDns;
import dev.kiri.ztunnel.telemetry.Direction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A client of the SOCKS5 port, until it has said where to: then it is a connection like any other
/// that leaves the pod. Confined to the channel's loop.
///
/// As upstream (istio/ztunnel `src/proxy/socks5.rs`): without authentication, CONNECT only, and the
/// success is told before anything is opened. A client that has not said what it wants in time is
/// closed.
final class SocksClient extends ByteToMessageDecoder {
  private static final int PATIENCE_SECONDS = 10;
  private static final int VERSION = 5;
  private static final int NO_METHOD = 0xff;

  private final Pod pod;
  private final @Nullable PodDns names;
  private boolean greeted;
  private boolean asked;

  private SocksClient(Pod pod, @Nullable PodDns names) {
    this.pod = pod;
    this.names = names;
  }

  /// Takes over an accepted channel. Without `names` host names cannot be reached.
  static void begin(Pod pod, Channel accepted, @Nullable PodDns names) {
    var client = new SocksClient(pod, names);
    accepted.pipeline().addLast(client);
    accepted
        .eventLoop()
        .schedule(() -> client.expire(accepted), PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private void expire(Channel channel) {
    if (!asked && channel.isActive()) {
      refused(channel, "no request within " + PATIENCE_SECONDS + " s");
      channel.close();
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (asked) {
      return; // what is for the destination waits here until the name is known
    }
    switch (greeted ? SocksReader.request(in) : SocksReader.hello(in)) {
      case SocksReader.Said.More() -> {}
      case SocksReader.Said.Hello(var without) -> greet(ctx, without);
      case SocksReader.Said.Connect(var target) -> connect(ctx, target);
      case SocksReader.Said.ConnectByName(var host, var port) -> resolve(ctx, host, port);
      case SocksReader.Said.Refused(var code) -> refuse(ctx, code, "unsupported request");
    }
  }

  private void greet(ChannelHandlerContext ctx, boolean without) {
    greeted = true;
    ctx.writeAndFlush(bytes(VERSION, without ? 0 : NO_METHOD));
    if (!without) {
      refused(ctx.channel(), "no acceptable authentication method");
      ctx.close();
    }
  }

  private void resolve(ChannelHandlerContext ctx, String host, int port) {
    asked = true;
    ctx.channel().config().setAutoRead(false);
    if (names == null) {
      refuse(ctx, SocksReader.FAILED, "dns lookup: names are not answered by this proxy");
      return;
    }
    boolean ipv6 = Addresses.remote(ctx.channel()).getAddress() instanceof Inet6Address;
    names
        .resolve(host, ipv6)
        .whenComplete((found, failed) -> ctx.executor().execute(() -> resolved(ctx, found, port)));
  }

  private void resolved(ChannelHandlerContext ctx, List<InetAddress> found, int port) {
    if (!ctx.channel().isActive()) {
      return;
    }
    if (found.isEmpty()) {
      refuse(ctx, SocksReader.UNREACHABLE, "dns response had no valid IP addresses");
    } else {
      connect(ctx, new InetSocketAddress(found.getFirst(), port));
    }
  }

  private void connect(ChannelHandlerContext ctx, InetSocketAddress target) {
    asked = true;
    reply(ctx, 0);
    OutboundConnection.begin(pod, ctx.channel(), target);
    ctx.pipeline().remove(this); // what it said already goes on
  }

  private void refuse(ChannelHandlerContext ctx, int code, String why) {
    asked = true;
    refused(ctx.channel(), why);
    reply(ctx, code).addListener(ChannelFutureListener.CLOSE);
  }

  private static io.netty.channel.ChannelFuture reply(ChannelHandlerContext ctx, int code) {
    return ctx.writeAndFlush(bytes(VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0));
  }

  private void refused(Channel channel, String why) {
    pod.node()
        .telemetry()
        .refused(Direction.OUTBOUND, Addresses.remote(channel), Addresses.local(channel), why);
  }

  private static ByteBuf bytes(int... values) {
    var out = Unpooled.buffer(values.length);
    for (int value : values) {
      out.writeByte(value);
    }
    return out;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
