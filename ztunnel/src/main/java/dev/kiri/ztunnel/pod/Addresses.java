package dev.kiri.ztunnel.pod;

import io.netty.channel.Channel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// Addresses of channels in canonical form: an IPv4 address is never written as IPv6.
final class Addresses {
  private Addresses() {}

  static InetSocketAddress remote(Channel channel) {
    return canonical((InetSocketAddress) channel.remoteAddress());
  }

  static InetSocketAddress local(Channel channel) {
    return canonical((InetSocketAddress) channel.localAddress());
  }

  /// Also drops a scope, which would make equal addresses differ.
  static InetSocketAddress canonical(InetSocketAddress address) {
    if (!(address.getAddress() instanceof Inet6Address)) {
      return address;
    }
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(address.getAddress().getAddress()), address.getPort());
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
