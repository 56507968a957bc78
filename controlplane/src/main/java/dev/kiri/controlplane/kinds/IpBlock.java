package dev.kiri.controlplane.kinds;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/// An IP address with a prefix length; a bare address has the full length. The host bits are kept
/// as written.
public record IpBlock(InetAddress address, int length) {
  /// The block of one address.
  public static IpBlock of(InetAddress address) {
    return new IpBlock(address, address.getAddress().length * 8);
  }

  /// Parses `a.b.c.d`, `x:y::z`, either with `/length`. Names are never resolved.
  public static Optional<IpBlock> parse(String text) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    if (host.isEmpty() || host.indexOf('%') >= 0) {
      return Optional.empty();
    }
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    boolean six = host.indexOf(':') >= 0;
    if (!six && host.chars().filter(c -> c == '.').count() != 3) {
      return Optional.empty();
    }
    int full = address.getAddress().length * 8;
    int length = full;
    if (slash >= 0) {
      try {
        length = Integer.parseInt(text.substring(slash + 1));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
      if (length < 0 || length > full) {
        return Optional.empty();
      }
    }
    return Optional.of(new IpBlock(address, length));
  }

  /// Whether an address of the same family is in the block.
  public boolean contains(InetAddress other) {
    byte[] ours = address.getAddress();
    byte[] theirs = other.getAddress();
    boolean same = ours.length == theirs.length;
    for (int bit = 0; bit < length && same; bit++) {
      same = ((ours[bit / 8] ^ theirs[bit / 8]) & (0x80 >> (bit % 8))) == 0;
    }
    return same;
  }

  /// The first address of the block.
  public InetAddress first() {
    return withHostBits(false);
  }

  /// The last address of the block.
  public InetAddress last() {
    return withHostBits(true);
  }

  private InetAddress withHostBits(boolean set) {
    byte[] bytes = address.getAddress();
    for (int bit = length; bit < bytes.length * 8; bit++) {
      int mask = 0x80 >> (bit % 8);
      bytes[bit / 8] = (byte) (set ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // the length is that of an address
    }
  }

  /// The block without host bits, in the short spelling; one address without a length.
  public String text() {
    String base = NetUtil.toAddressString(first());
    return isSingle() ? base : base + "/" + length;
  }

  /// Whether the block is one address.
  public boolean isSingle() {
    return length == address.getAddress().length * 8;
  }
}
