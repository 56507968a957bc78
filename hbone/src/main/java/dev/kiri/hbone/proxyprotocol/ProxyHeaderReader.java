package dev.kiri.hbone.proxyprotocol;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Incomplete;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Local;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Malformed;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Relayed;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Unaddressed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads a header of PROXY protocol version 2 from the first bytes of a connection. Pure.
///
/// Strict: anything that is not exactly as the specification has it is malformed, so that no
/// identity is ever read from bytes that were something else. Only TCP is relayed. Vectors (TLVs)
/// other than the identity and the checksum are passed over; a checksum, if there is one, must be
/// right; a second identity makes the header malformed.
public final class ProxyHeaderReader {
  /// The longest header that is read. The specification allows 64 KiB; addresses, an identity and a
  /// checksum need less than 600 bytes.
  public static final int MAX_LENGTH = 4_096;

  private static final int CHECKSUM = 0x03; // PP2_TYPE_CRC32C
  private static final int VECTOR_PREFIX = 3;

  /// Looks at the readable bytes without consuming them.
  public static ProxyHeaderRead read(ByteBuf bytes) {
    int from = bytes.readerIndex();
    int available = bytes.readableBytes();
    for (int i = 0; i < Math.min(available, ProxyHeader.SIGNATURE.length); i++) {
      if (bytes.getByte(from + i) != ProxyHeader.SIGNATURE[i]) {
        return new Malformed("no PROXY protocol signature");
      }
    }
    if (available < ProxyHeader.PREFIX) {
      return new Incomplete(ProxyHeader.PREFIX);
    }
    int command = bytes.getUnsignedByte(from + 12);
    if (command != ProxyHeader.PROXY && command != ProxyHeader.LOCAL) {
      return new Malformed("version and command 0x%02x".formatted(command));
    }
    int length = ProxyHeader.PREFIX + bytes.getUnsignedShort(from + 14);
    if (length > MAX_LENGTH) {
      return new Malformed("a header of " + length + " bytes, at most " + MAX_LENGTH + " are read");
    }
    if (available < length) {
      return new Incomplete(length);
    }
    return whole(bytes.slice(from, length), command);
  }

  private static ProxyHeaderRead whole(ByteBuf header, int command) {
    int family = header.getUnsignedByte(13);
    int addresses =
        switch (family) {
          case ProxyHeader.UNSPECIFIED -> 0;
          case ProxyHeader.TCP_OVER_IPV4 -> ProxyHeader.IPV4_ADDRESSES;
          case ProxyHeader.TCP_OVER_IPV6 -> ProxyHeader.IPV6_ADDRESSES;
          default -> -1;
        };
    int length = header.readableBytes();
    if (command == ProxyHeader.LOCAL) {
      return new Local(length); // whatever else it says is to be passed over
    }
    if (addresses < 0) {
      return new Malformed("family and transport 0x%02x".formatted(family));
    }
    int vectors = ProxyHeader.PREFIX + addresses;
    if (vectors > length) {
      return new Malformed("addresses longer than the header");
    }
    return relayed(header, family, vectors);
  }

  private static ProxyHeaderRead relayed(ByteBuf header, int family, int vectors) {
    SpiffeId identity = null;
    int end = header.readableBytes();
    for (int at = vectors; at < end; ) {
      if (at + VECTOR_PREFIX > end) {
        return new Malformed("a vector that is cut off");
      }
      int type = header.getUnsignedByte(at);
      int value = at + VECTOR_PREFIX;
      int length = header.getUnsignedShort(at + 1);
      if (value + length > end) {
        return new Malformed("a vector longer than the header");
      }
      if (type == ProxyHeader.IDENTITY) {
        if (identity != null) {
          return new Malformed("two identities");
        }
        identity = identity(header, value, length);
        if (identity == null) {
          return new Malformed("an identity that is none");
        }
      } else if (type == CHECKSUM && !isChecksum(header, value, length)) {
        return new Malformed("a checksum that is wrong");
      }
      at = value + length;
    }
    if (family == ProxyHeader.UNSPECIFIED) {
      return new Unaddressed(end);
    }
    int address = family == ProxyHeader.TCP_OVER_IPV4 ? 4 : 16;
    int ports = ProxyHeader.PREFIX + 2 * address;
    return new Relayed(
        new ProxyHeader(
            socket(header, ProxyHeader.PREFIX, address, ports),
            socket(header, ProxyHeader.PREFIX + address, address, ports + 2),
            identity),
        end);
  }

  private static InetSocketAddress socket(ByteBuf header, int at, int length, int port) {
    try {
      var address = InetAddress.getByAddress(ByteBufUtil.getBytes(header, at, length));
      return new InetSocketAddress(address, header.getUnsignedShort(port));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  private static @Nullable SpiffeId identity(ByteBuf header, int at, int length) {
    for (int i = at; i < at + length; i++) {
      if (header.getByte(i) <= 0x20 || header.getByte(i) == 0x7f) { // negative: outside ASCII
        return null;
      }
    }
    return SpiffeId.parseOrNull(header.toString(at, length, StandardCharsets.US_ASCII));
  }

  // over the whole header, its own four bytes counted as zero
  private static boolean isChecksum(ByteBuf header, int at, int length) {
    if (length != 4) {
      return false;
    }
    var all = ByteBufUtil.getBytes(header);
    int told = header.getInt(at);
    for (int i = at; i < at + length; i++) {
      all[i] = 0;
    }
    var crc = new CRC32C();
    crc.update(all);
    return (int) crc.getValue() == told;
  }

  private ProxyHeaderReader() {}
}
