package dev.kiri.ztunnel.inbound;

import dev.kiri.hbone.identity.SpiffeId;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A PROXY protocol version 2 header: who is connected to what, and as whom. Immutable.
public record ProxyHeader(
    InetSocketAddress source, InetSocketAddress destination, @Nullable SpiffeId peer) {
  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };
  private static final byte VERSION_2_PROXY = 0x21;
  private static final byte UNSPECIFIED = 0x00;
  private static final byte TCP_OVER_IPV4 = 0x11;
  private static final byte TCP_OVER_IPV6 = 0x21;

  /// Upstream's type for the peer's SPIFFE identity.
  private static final byte IDENTITY = (byte) 0xd0;

  /// The bytes that go before the first byte of the stream. Mixed families are unspecified, without
  /// addresses.
  public byte[] bytes() {
    boolean v4 = source.getAddress() instanceof Inet4Address;
    boolean sameFamily = v4 == (destination.getAddress() instanceof Inet4Address);
    byte[] identity = peer == null ? new byte[0] : peer.uri().getBytes(StandardCharsets.US_ASCII);
    int addresses = sameFamily ? (v4 ? 12 : 36) : 0;
    int length = addresses + (identity.length == 0 ? 0 : 3 + identity.length);
    var out = ByteBuffer.allocate(16 + length);
    out.put(SIGNATURE).put(VERSION_2_PROXY);
    out.put(sameFamily ? (v4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6) : UNSPECIFIED);
    out.putShort((short) length);
    if (sameFamily) {
      out.put(source.getAddress().getAddress()).put(destination.getAddress().getAddress());
      out.putShort((short) source.getPort()).putShort((short) destination.getPort());
    }
    if (identity.length > 0) {
      out.put(IDENTITY).putShort((short) identity.length).put(identity);
    }
    return out.array();
  }
}
