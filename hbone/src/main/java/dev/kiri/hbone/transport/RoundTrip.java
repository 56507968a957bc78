package dev.kiri.hbone.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.concurrent.TimeUnit;

/// Whether a TCP peer is near, by the kernel's measure of the round trip: what a larger window
/// would hold then waits in somebody's queue and is not on its way. Confined to the channel's loop.
public final class RoundTrip {
  static final long NEAR_MICROS = 2_000;

  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Channel channel;
  private boolean asked;
  private boolean near;
  private long at;

  public RoundTrip(Channel channel) {
    this.channel = channel;
  }

  /// By an answer that is at most a second old; false where the kernel is not asked.
  public boolean isNear() {
    long now = channel.eventLoop().ticker().nanoTime();
    if (!asked || now - at > ASK_NANOS) {
      asked = true;
      at = now;
      near = micros(channel) <= NEAR_MICROS;
    }
    return near;
  }

  private static long micros(Channel channel) {
    try {
      return switch (channel) {
        case EpollSocketChannel epoll -> epoll.tcpInfo().rtt();
        case IoUringSocketChannel ring -> ring.tcpInfo().rtt();
        default -> Long.MAX_VALUE;
      };
    } catch (ChannelException closed) {
      return Long.MAX_VALUE;
    }
  }
}
