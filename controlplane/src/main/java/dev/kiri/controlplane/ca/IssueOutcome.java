package dev.kiri.controlplane.ca;

import java.util.List;

/// What became of a certificate request.
public sealed interface IssueOutcome {
  /// The chain, leaf first; the last element holds the roots.
  record Issued(List<String> chain) implements IssueOutcome {}

  /// The request is refused.
  record Refused(Reason reason, String text) implements IssueOutcome {}

  /// Upstream's error types, the label of its metric.
  enum Reason {
    CSR_ERROR,
    TTL_ERROR,
    CERT_GEN_ERROR
  }
}
