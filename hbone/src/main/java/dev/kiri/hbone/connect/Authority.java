package dev.kiri.hbone.connect;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// The target of a CONNECT request: an address and port, or a host name and port.
///
/// Immutable. Upstream tries a socket address first (IPv6 in brackets), then host and port, both
/// required (istio/ztunnel `src/proxy/inbound.rs`).
public sealed interface Authority {

  int port();

  /// `address` is always resolved.
  record Address(InetSocketAddress address) implements Authority {
    public Address {
      if (address.isUnresolved()) {
        throw new IllegalArgumentException("unresolved address: " + address);
      }
    }

    @Override
    public int port() {
      return address.getPort();
    }

    @Override
    public String toString() {
      return NetUtil.toSocketAddressString(address);
    }
  }

  record Host(String host, int port) implements Authority {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  static Authority of(InetSocketAddress address) {
    return address.isUnresolved()
        ? new Host(address.getHostString(), address.getPort())
        : new Address(address);
  }

  /// Parses `ip:port`, `[ip6]:port` or `host:port`. Throws [InvalidAuthority] for anything else.
  static Authority parse(CharSequence text) {
    int colon = lastColon(text);
    int port = colon < 0 ? -1 : port(text, colon + 1);
    if (port < 0) {
      throw new InvalidAuthority(text);
    }
    var host = text.subSequence(0, colon).toString();
    var address = address(host);
    if (address != null) {
      return new Address(new InetSocketAddress(address, port));
    }
    if (!isHostName(host)) {
      throw new InvalidAuthority(text);
    }
    return new Host(host, port);
  }

  private static int lastColon(CharSequence text) {
    int i = text.length() - 1;
    while (i >= 0 && text.charAt(i) != ':') {
      i--;
    }
    return i;
  }

  private static int port(CharSequence text, int from) {
    int length = text.length() - from;
    if (length < 1 || length > 5) {
      return -1;
    }
    int port = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      port = port * 10 + (c - '0');
    }
    return port <= 65535 ? port : -1;
  }

  private static @Nullable InetAddress address(String host) {
    boolean bracketed = host.length() > 2 && host.startsWith("[") && host.endsWith("]");
    var bare = bracketed ? host.substring(1, host.length() - 1) : host;
    if (bracketed
        ? !NetUtil.isValidIpV6Address(bare) || bare.indexOf('%') >= 0
        : !NetUtil.isValidIpV4Address(bare)) {
      return null;
    }
    var bytes = NetUtil.createByteArrayFromIpAddressString(bare);
    try {
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  // RFC 3986 3.2.2 reg-name without percent-encoding: what a host of a mesh can be
  private static boolean isHostName(String host) {
    if (host.isEmpty() || host.length() > 253) {
      return false;
    }
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      boolean ok =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '.'
              || c == '_';
      if (!ok) {
        return false;
      }
    }
    return true;
  }
}
