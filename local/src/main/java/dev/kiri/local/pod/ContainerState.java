package dev.kiri.local.pod;

import java.time.Instant;

/// Where a container is in its life; the texts are those of Kubernetes' status.
public sealed interface ContainerState {
  record Waiting(String reason, String message) implements ContainerState {}

  record Running(Instant since) implements ContainerState {}

  record Terminated(int exitCode, Instant startedAt, Instant finishedAt) implements ContainerState {
    String reason() {
      return exitCode == 0 ? "Completed" : "Error";
    }
  }
}
