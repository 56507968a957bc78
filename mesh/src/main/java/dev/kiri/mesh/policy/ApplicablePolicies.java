package dev.kiri.mesh.policy;

import java.util.List;

/// The policies that decide about connections to one workload.
///
/// @param policies those of its namespace, the global ones, and those it lists by name
/// @param missing names it lists for which there is no policy; skipped with a warning, because a
///     workload is pushed before its policies are
public record ApplicablePolicies(List<L4Policy> policies, List<String> missing) {
  public static final ApplicablePolicies NONE = new ApplicablePolicies(List.of(), List.of());

  public ApplicablePolicies {
    policies = List.copyOf(policies);
    missing = List.copyOf(missing);
  }
}
