package dev.kiri.controlplane.xds;

import dev.kiri.controlplane.caller.Caller;
import org.jspecify.annotations.Nullable;

/// Which table of a type a caller may see. Thread-safe, never blocks.
@FunctionalInterface
public interface TypeSource {
  /// The table, or null where this caller sees nothing of the type.
  @Nullable ResourceTable tableFor(Caller caller);

  /// How resources are put for a client that knows less of the type's schema than this control
  /// plane does; null where it knows all of it.
  ///
  /// @param revision of the schema that the client knows; 0 where it does not say
  default @Nullable OlderClient olderClient(int revision) {
    return null;
  }
}
