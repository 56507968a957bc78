package dev.kiri.controlplane.xds;

import dev.kiri.controlplane.caller.Caller;
import org.jspecify.annotations.Nullable;

/// Which table of a type a caller may see. Thread-safe, never blocks.
@FunctionalInterface
public interface TypeSource {
  /// The table, or null where this caller sees nothing of the type.
  @Nullable ResourceTable tableFor(Caller caller);
}
