package dev.kiri.redirect.netns;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Where a captured connection was going before the rules redirected it. Pure but for one or two
/// `getsockopt`.
public final class OriginalDestination {
  private OriginalDestination() {}

  /// The original destination of an accepted connection; its local address when it was not
  /// redirected, which is the normal case of the HBONE port.
  public static InetSocketAddress of(Channel accepted) {
    var redirected = read(accepted, LinuxOptions.SO_ORIGINAL_DST, 4, 4);
    if (redirected == null) {
      redirected = read(accepted, LinuxOptions.IP6T_SO_ORIGINAL_DST, 8, 16);
    }
    return redirected != null ? redirected : (InetSocketAddress) accepted.localAddress();
  }

  // sockaddr_in and sockaddr_in6: port at byte 2 in network order, address at 4 and at 8.
  private static @Nullable InetSocketAddress read(
      Channel channel, RawUnixChannelOption option, int addressAt, int addressBytes) {
    ByteBuffer raw;
    try {
      raw = channel.config().getOption(option);
    } catch (ChannelException noTranslation) {
      return null;
    }
    if (raw == null) {
      return null;
    }
    var address = new byte[addressBytes];
    raw.get(raw.position() + addressAt, address);
    try {
      // Unmaps IPv4 in IPv6 by itself.
      return new InetSocketAddress(
          InetAddress.getByAddress(address), raw.getShort(raw.position() + 2) & 0xffff);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
