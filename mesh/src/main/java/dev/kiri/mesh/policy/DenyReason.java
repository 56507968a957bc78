package dev.kiri.mesh.policy;

import java.util.List;

/// Why a connection was refused. The texts are upstream's.
public sealed interface DenyReason {

  /// A DENY policy matched, or could not be understood.
  record ExplicitlyDenied(String namespace, String policy) implements DenyReason {}

  /// There are ALLOW policies for the workload, and none matched: `policies` names them, as
  /// `namespace/name`. The text does not, as upstream's.
  record NothingAllowed(List<String> policies) implements DenyReason {
    public NothingAllowed {
      policies = List.copyOf(policies);
    }
  }

  /// The destination is not a known workload.
  record WorkloadNotFound() implements DenyReason {}

  /// The destination is a workload, but not the one that was meant.
  record WorkloadMismatch() implements DenyReason {}

  default String text() {
    return switch (this) {
      case ExplicitlyDenied(var namespace, var policy) ->
          "explicitly denied by: " + namespace + "/" + policy;
      case NothingAllowed _ -> "allow policies exist, but none allowed";
      case WorkloadNotFound() -> "workload not found";
      case WorkloadMismatch() -> "workload mismatch";
    };
  }
}
