package dev.kiri.mesh.policy;

/// Why a connection was refused. The texts are upstream's.
public sealed interface DenyReason {

  /// A DENY policy matched, or could not be understood.
  record ExplicitlyDenied(String namespace, String policy) implements DenyReason {}

  /// There are ALLOW policies for the workload, and none matched.
  record NothingAllowed() implements DenyReason {}

  /// The destination is not a known workload.
  record WorkloadNotFound() implements DenyReason {}

  /// The destination is a workload, but not the one that was meant.
  record WorkloadMismatch() implements DenyReason {}

  default String text() {
    return switch (this) {
      case ExplicitlyDenied(var namespace, var policy) ->
          "explicitly denied by: " + namespace + "/" + policy;
      case NothingAllowed() -> "allow policies exist, but none allowed";
      case WorkloadNotFound() -> "workload not found";
      case WorkloadMismatch() -> "workload mismatch";
    };
  }
}
