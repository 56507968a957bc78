package dev.kiri.waypoint.policy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// An address or a CIDR block of either family.
public final class AddressBlock {
  private final byte[] network;
  private final int bits;

  private AddressBlock(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /// @throws IllegalArgumentException for anything but `ip` or `ip/bits`
  public static AddressBlock parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    byte @Nullable [] network = NetUtil.createByteArrayFromIpAddressString(address);
    int bits =
        network == null ? -1 : slash < 0 ? network.length * 8 : number(text.substring(slash + 1));
    if (network == null || bits < 0 || bits > network.length * 8) {
      throw new IllegalArgumentException("\"" + text + "\" is neither an address nor a CIDR block");
    }
    return new AddressBlock(network, bits);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  public boolean contains(@Nullable InetAddress address) {
    byte[] bytes = address == null ? new byte[0] : address.getAddress();
    if (bytes.length != network.length) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >>> (i & 7);
      if (((bytes[i >>> 3] ^ network[i >>> 3]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
