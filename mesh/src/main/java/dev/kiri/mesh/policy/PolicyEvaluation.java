package dev.kiri.mesh.policy;

import java.util.List;

/// A verdict and how it came about.
///
/// @param steps in the order they were taken: dry runs, matches, and what was missing
public record PolicyEvaluation(PolicyVerdict verdict, List<PolicyStep> steps) {
  public PolicyEvaluation {
    steps = List.copyOf(steps);
  }
}
