package dev.kiri.mesh.wire;

import org.jspecify.annotations.Nullable;

/// Makes equal values one object, as far as they come again soon: most strings of a mesh
/// (namespaces, nodes, versions, port maps) are the same few, sent once for each workload.
///
/// A direct-mapped cache of fixed size: a value that does not find its equal takes the place of
/// whatever is there. So it never grows, and never keeps more than its slots alive. For one
/// thread.
final class Shared {
  private final @Nullable Object[] slots;

  /// @param bits of the number of slots
  Shared(int bits) {
    slots = new Object[1 << bits];
  }

  @SuppressWarnings("unchecked")
  <T> T of(T value) {
    int hash = value.hashCode() * 0x9E3779B9;
    int slot = hash >>> 32 - Integer.numberOfTrailingZeros(slots.length);
    var known = slots[slot];
    if (known != null && value.equals(known)) {
      return (T) known;
    }
    slots[slot] = value;
    return value;
  }
}
