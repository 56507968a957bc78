package dev.kiri.local.pod;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// A container that has been started, whatever runs it. Thread-safe.
public interface RunningContainer {
  /// Completes with the exit code when it ended by itself or by [#stop].
  CompletableFuture<Integer> exit();

  /// Asks it to end, and ends it after the grace period. Returns when it has ended.
  void stop(Duration grace);
}
