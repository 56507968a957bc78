package dev.kiri.local.echo;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Spells the other end of a connection.
final class Peer {
  private Peer() {}

  /// `address:port`, of the connection that carries the channel where it is a stream.
  static String of(Channel channel) {
    @Nullable Channel at = channel;
    while (at != null) {
      if (at.remoteAddress() instanceof InetSocketAddress peer) {
        var host = NetUtil.toAddressString(peer.getAddress());
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + peer.getPort();
      }
      at = at.parent();
    }
    return "";
  }
}
