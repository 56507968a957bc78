package dev.kiri.mesh.policy;

import org.jspecify.annotations.Nullable;

/// Whether a connection may proceed.
public sealed interface PolicyVerdict {

  /// It may.
  ///
  /// @param by the ALLOW policy that matched, as `namespace/name`; absent if there is none for the
  ///     workload
  record Allowed(@Nullable String by) implements PolicyVerdict {}

  /// It may not.
  record Denied(DenyReason reason) implements PolicyVerdict {}

  default boolean isAllowed() {
    return this instanceof Allowed;
  }

  /// For a refusal the text that goes to the log (same as upstream); for the rest, what allowed
  /// it.
  default String text() {
    return switch (this) {
      case Allowed(var by) when by != null -> "allowed by: " + by;
      case Allowed _ -> "no allow policies, allow";
      case Denied(var reason) -> "connection closed due to policy rejection: " + reason.text();
    };
  }
}
