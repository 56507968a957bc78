package dev.kiri.hbone.proxyprotocol;

import dev.kiri.hbone.identity.SpiffeId;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A header of PROXY protocol version 2: who is connected to what, and as whom. Immutable.
///
/// `source` is the peer of the tunnel, `destination` what it asked for, `identity` the peer's, if
/// it has one. Both addresses are resolved. [ProxyHeaderReader] is the other direction.
public record ProxyHeader(
    InetSocketAddress source, InetSocketAddress destination, @Nullable SpiffeId identity) {
  static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };
  static final int PREFIX = 16; // signature, version and command, family, length
  static final int LOCAL = 0x20;
  static final int PROXY = 0x21;
  static final int UNSPECIFIED = 0x00;
  static final int TCP_OVER_IPV4 = 0x11;
  static final int TCP_OVER_IPV6 = 0x21;
  static final int IPV4_ADDRESSES = 12;
  static final int IPV6_ADDRESSES = 36;

  /// Upstream's type for the peer's SPIFFE URI in ASCII.
  static final int IDENTITY = 0xd0;

  /// The bytes that go before the first byte of the stream. Mixed families are unspecified, without
  /// addresses, as upstream does.
  public byte[] bytes() {
    boolean v4 = source.getAddress() instanceof Inet4Address;
    boolean sameFamily = v4 == (destination.getAddress() instanceof Inet4Address);
    byte[] uri =
        identity == null ? new byte[0] : identity.uri().getBytes(StandardCharsets.US_ASCII);
    int addresses = sameFamily ? (v4 ? IPV4_ADDRESSES : IPV6_ADDRESSES) : 0;
    int length = addresses + (uri.length == 0 ? 0 : 3 + uri.length);
    var out = ByteBuffer.allocate(PREFIX + length);
    out.put(SIGNATURE).put((byte) PROXY);
    out.put((byte) (sameFamily ? (v4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6) : UNSPECIFIED));
    out.putShort((short) length);
    if (sameFamily) {
      out.put(source.getAddress().getAddress()).put(destination.getAddress().getAddress());
      out.putShort((short) source.getPort()).putShort((short) destination.getPort());
    }
    if (uri.length > 0) {
      out.put((byte) IDENTITY).putShort((short) uri.length).put(uri);
    }
    return out.array();
  }
}
