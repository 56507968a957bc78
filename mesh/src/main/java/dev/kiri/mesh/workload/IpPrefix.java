package dev.kiri.mesh.workload;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// A range of IP addresses of one family. An IPv4 prefix never contains an IPv6 address, mapped or
/// not.
///
/// @param base the first address; bits beyond the length are ignored when matching
/// @param length number of leading bits that must agree, at most 32 or 128
public record IpPrefix(InetAddress base, int length) {

  public IpPrefix {
    if (length < 0 || length > base.getAddress().length * 8) {
      throw new IllegalArgumentException(
          "invalid prefix length " + length + " for " + NetUtil.toAddressString(base));
    }
  }

  /// The prefix that holds exactly one address.
  public static IpPrefix host(InetAddress address) {
    return new IpPrefix(address, address.getAddress().length * 8);
  }

  /// Reads `192.0.2.0/24`, `2001:db8::/32` or a bare address.
  ///
  /// @throws IllegalArgumentException if the text is neither
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return host(literal(text));
    }
    try {
      return new IpPrefix(
          literal(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("invalid prefix length in " + text);
    }
  }

  private static InetAddress literal(String text) {
    return InetAddress.ofLiteral(text);
  }

  /// Whether the address lies in this range.
  public boolean contains(InetAddress address) {
    byte[] mine = base.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    int whole = length / 8;
    if (!Arrays.equals(mine, 0, whole, other, 0, whole)) {
      return false;
    }
    int rest = length % 8;
    return rest == 0 || ((mine[whole] ^ other[whole]) & 0xff) >>> (8 - rest) == 0;
  }

  /// The same range written with the lowest address as its base.
  public IpPrefix normalised() {
    byte[] bytes = base.getAddress();
    for (int bit = length; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >>> bit % 8);
    }
    try {
      return new IpPrefix(InetAddress.getByAddress(bytes), length);
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Override
  public String toString() {
    return NetUtil.toAddressString(base) + "/" + length;
  }
}
