package dev.kiri.controlplane.kinds;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of a document.
public sealed interface Decoded {
  /// Warnings and errors found on the way.
  List<Problem> problems();

  /// An object to work with; its problems are warnings, except for a policy, which fails closed
  /// instead of being refused.
  record Accepted(MeshObject object, List<Problem> problems) implements Decoded {}

  /// An object that cannot be used.
  ///
  /// @param attempt what could be read of it, for its status; null where not even the key could be
  record Refused(@Nullable MeshObject attempt, List<Problem> problems) implements Decoded {}

  /// A document of a kind that is not read here.
  record LeftAside(List<Problem> problems) implements Decoded {}
}
