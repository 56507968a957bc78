package dev.kiri.redirect.netns;

import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;

/// Socket options that Netty has no name for, usable on channels of both Linux transports.
public final class LinuxOptions {
  public static final IntegerUnixChannelOption SO_MARK =
      new IntegerUnixChannelOption("SO_MARK", 1, 36);

  /// `SOL_IP`; works on the dual-stack sockets that Netty makes, for their IPv4 side.
  public static final IntegerUnixChannelOption IP_TRANSPARENT =
      new IntegerUnixChannelOption("IP_TRANSPARENT", 0, 19);

  /// `SOL_IPV6`; the same for IPv6.
  public static final IntegerUnixChannelOption IPV6_TRANSPARENT =
      new IntegerUnixChannelOption("IPV6_TRANSPARENT", 41, 75);

  /// Keeps the port free when binding to an address only.
  public static final IntegerUnixChannelOption IP_BIND_ADDRESS_NO_PORT =
      new IntegerUnixChannelOption("IP_BIND_ADDRESS_NO_PORT", 0, 24);

  static final RawUnixChannelOption SO_ORIGINAL_DST =
      new RawUnixChannelOption("SO_ORIGINAL_DST", 0, 80, 16);
  static final RawUnixChannelOption IP6T_SO_ORIGINAL_DST =
      new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", 41, 80, 28);

  private LinuxOptions() {}
}
