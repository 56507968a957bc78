package dev.kiri.bench.controlplane;

/// A run that came to no figures, for the reason in its message.
public final class PlaneFailed extends RuntimeException {
  PlaneFailed(String message) {
    super(message);
  }
}
