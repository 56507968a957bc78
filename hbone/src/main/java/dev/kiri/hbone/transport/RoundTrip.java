package dev.kiri.hbone.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// How far a TCP peer is, by the kernel's measure of the round trip. Confined to the channel's
/// loop.
///
/// The kernel measures how long an answer took, which is long where both ends wait for a processor
/// or behind bulk. So the least that it ever said counts: it is not the way that has grown.
public final class RoundTrip {
  static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Ticker clock;
  private final LongSupplier micros;
  private boolean asked;
  private long least = Long.MAX_VALUE;
  private long at;

  public RoundTrip(Channel channel) {
    this(channel.eventLoop().ticker(), () -> micros(channel));
  }

  RoundTrip(Ticker clock, LongSupplier micros) {
    this.clock = clock;
    this.micros = micros;
  }

  /// Microseconds; [Long#MAX_VALUE] where the kernel is not asked. It is asked once a second at
  /// most.
  public long micros() {
    long now = clock.nanoTime();
    if (!asked || now - at > ASK_NANOS) {
      asked = true;
      at = now;
      least = Math.min(least, micros.getAsLong());
    }
    return least;
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
