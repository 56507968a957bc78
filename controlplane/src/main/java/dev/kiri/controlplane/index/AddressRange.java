package dev.kiri.controlplane.index;

import dev.kiri.controlplane.kinds.IpBlock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Addresses of a block one after the other, from the second to the last but one. An address that
/// was given back is not given out again before the range has been walked through, as somebody may
/// still remember it. Confined to the index's thread.
final class AddressRange {
  /// Addresses that are looked at in one range, at most.
  private static final long LONGEST = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger("index");

  private final IpBlock block;
  private final byte[] base;
  private final long size;
  private List<IpBlock> reserved = List.of();
  private boolean exhausted;
  private long position;

  /// @param block a block whose host bits are zero
  AddressRange(IpBlock block) {
    this.block = block;
    this.base = block.address().getAddress();
    int bits = base.length * 8 - block.length();
    this.size = bits > 20 ? LONGEST : Math.max(0, (1L << bits) - 2);
  }

  boolean contains(InetAddress address) {
    return block.contains(address);
  }

  boolean isOfFamily(InetAddress address) {
    return address.getAddress().length == base.length;
  }

  /// Begins a round: what users have written themselves is not given out in it.
  void reserve(List<IpBlock> blocks) {
    reserved = List.copyOf(blocks);
    exhausted = false;
  }

  /// The next address that is not taken, which it then is; none where all are.
  Optional<IpBlock> next(Set<InetAddress> taken) {
    for (long tried = 0; tried < size && !exhausted; tried++) {
      position = position % size + 1;
      InetAddress address = at(position);
      if (reserved.stream().noneMatch(block -> block.contains(address)) && taken.add(address)) {
        return Optional.of(new IpBlock(address, base.length * 8));
      }
    }
    if (!exhausted) {
      LOG.warn("no address of {} is left for hosts of ServiceEntries", block);
    }
    exhausted = true;
    return Optional.empty();
  }

  private InetAddress at(long offset) {
    byte[] bytes = base.clone();
    long left = offset;
    for (int i = bytes.length - 1; left > 0; i--) {
      bytes[i] |= (byte) left;
      left >>>= 8;
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // the length is that of an address
    }
  }
}
