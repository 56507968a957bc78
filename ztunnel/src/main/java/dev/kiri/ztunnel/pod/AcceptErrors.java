package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.ztunnel.share.Occasionally;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What becomes of a listener that cannot accept, mostly for want of descriptors: it pauses, and
/// tries again, while everything else of its loop goes on. Clients wait in the backlog. Shared by
/// the listeners of a pod.
///
/// Upstream logs and tries again without a pause, as often as the machine can.
@ChannelHandler.Sharable
final class AcceptErrors extends ChannelInboundHandlerAdapter {
  static final int PAUSE_MILLIS = 200;

  private static final Logger LOG = LoggerFactory.getLogger("proxy");

  private final Occasionally told;
  private final LongAdder failures = new LongAdder();

  AcceptErrors(Occasionally told) {
    this.told = told;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failures.increment();
    if (told.due()) {
      LOG.error(
          "Failed TCP handshake {} at {}, {} times so far",
          OsErrors.text(cause),
          ctx.channel().localAddress(),
          failures.sum());
    }
    var config = ctx.channel().config();
    if (config.isAutoRead()) {
      config.setAutoRead(false);
      ctx.executor().schedule(() -> config.setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}
