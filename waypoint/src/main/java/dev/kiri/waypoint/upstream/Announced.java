package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Who is connected, as an endpoint is told by PROXY protocol before anything else (waypoint
/// reference 15.1). Part of what a connection is known by, so that no client is taken for another
/// one. Immutable.
///
/// @param source null, or unresolved: nobody that could be named
/// @param destination what the client dialled; the same
public record Announced(
    Version version, @Nullable InetSocketAddress source, @Nullable InetSocketAddress destination) {
  /// Of PROXY protocol.
  public enum Version {
    V1,
    V2
  }

  private static final byte[] NOBODY_V2 = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x20, 0, 0, 0
  };

  /// The bytes that go before all others.
  byte[] header() {
    InetSocketAddress from = source;
    InetSocketAddress to = destination;
    if (from == null || to == null || from.isUnresolved() || to.isUnresolved()) {
      return version == Version.V2 ? NOBODY_V2.clone() : ascii("PROXY UNKNOWN\r\n");
    }
    if (version == Version.V2) {
      return new ProxyHeader(from, to, null).bytes();
    }
    boolean v4 = from.getAddress() instanceof Inet4Address;
    if (v4 != (to.getAddress() instanceof Inet4Address)) {
      return ascii("PROXY UNKNOWN\r\n");
    }
    return ascii(
        "PROXY "
            + (v4 ? "TCP4 " : "TCP6 ")
            + from.getAddress().getHostAddress()
            + " "
            + to.getAddress().getHostAddress()
            + " "
            + from.getPort()
            + " "
            + to.getPort()
            + "\r\n");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
