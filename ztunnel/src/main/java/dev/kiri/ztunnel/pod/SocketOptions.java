package dev.kiri.ztunnel.pod;

import dev.kiri.redirect.netns.LinuxOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.time.Duration;

/// What every TCP connection of the data path is set to. Immutable.
///
/// The keep-alive values are set on the socket itself, whatever the transport; with `userTimeout` a
/// peer that stops acknowledging is given up after all probes would have failed.
public record SocketOptions(
    boolean keepAlive, Duration idle, Duration interval, int probes, boolean userTimeout) {
  /// Upstream's limit for any TCP connect.
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /// Upstream's: probes after 180 seconds, every 180 seconds, nine of them.
  public static final SocketOptions DEFAULT =
      new SocketOptions(true, Duration.ofMinutes(3), Duration.ofMinutes(3), 9, false);

  // socket(7), tcp(7): level and numbers, because Netty names them for one transport or not for
  // listeners
  private static final IntegerUnixChannelOption KEEPALIVE =
      new IntegerUnixChannelOption("SO_KEEPALIVE", 1, 9);
  private static final int TCP = 6;
  private static final IntegerUnixChannelOption KEEPIDLE =
      new IntegerUnixChannelOption("TCP_KEEPIDLE", TCP, 4);
  private static final IntegerUnixChannelOption KEEPINTVL =
      new IntegerUnixChannelOption("TCP_KEEPINTVL", TCP, 5);
  private static final IntegerUnixChannelOption KEEPCNT =
      new IntegerUnixChannelOption("TCP_KEEPCNT", TCP, 6);
  private static final IntegerUnixChannelOption USER_TIMEOUT =
      new IntegerUnixChannelOption("TCP_USER_TIMEOUT", TCP, 18);

  /// ip(7); for IPv6 sockets the kernel keeps the same flag.
  private static final IntegerUnixChannelOption FREEBIND =
      new IntegerUnixChannelOption("IP_FREEBIND", 0, 15);

  /// Sets them on a channel that is to be connected.
  void apply(Channel dialled) {
    accepted(dialled);
    set(dialled);
  }

  /// Sets them on a listener for all that it will accept: Linux copies a listener's options to the
  /// sockets of its connections, which saves four system calls for each.
  void inherited(ServerChannel listener) {
    set(listener);
  }

  /// What is left to do for a channel whose listener had [#inherited]: no system call. Netty has
  /// set TCP_NODELAY when it made the channel, accepted or not.
  static void accepted(Channel channel) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  private void set(Channel channel) {
    var config = channel.config();
    if (keepAlive) {
      config.setOption(KEEPALIVE, 1);
      config.setOption(KEEPIDLE, Math.toIntExact(idle.toSeconds()));
      config.setOption(KEEPINTVL, Math.toIntExact(interval.toSeconds()));
      config.setOption(KEEPCNT, probes);
    }
    if (userTimeout) {
      config.setOption(
          USER_TIMEOUT, Math.toIntExact(idle.plus(interval.multipliedBy(probes)).toMillis()));
    }
  }

  /// Lets a channel accept or use addresses that are not the machine's own; false when the process
  /// may not.
  static boolean transparent(Channel channel) {
    try {
      return channel.config().setOption(LinuxOptions.IP_TRANSPARENT, 1);
    } catch (ChannelException notPermitted) {
      return false;
    }
  }

  /// Prepares a channel to connect from an address that is not the machine's own. Either option
  /// lets it bind there.
  static void foreignSource(Channel channel) {
    if (!transparent(channel)) {
      channel.config().setOption(FREEBIND, 1);
    }
    channel.config().setOption(LinuxOptions.IP_BIND_ADDRESS_NO_PORT, 1);
  }
}
