package dev.kiri.cli;

import dev.kiri.cli.output.CommandFailed;
import java.time.Duration;
import java.time.Instant;

/// Looks at something again and again until a time is over. Confined to one thread.
final class Waiting {
  private final Surroundings surroundings;
  private final Instant end;
  private final Duration poll;

  Waiting(Surroundings surroundings, Duration timeout, Duration poll) {
    this.surroundings = surroundings;
    this.end = surroundings.clock().instant().plus(timeout);
    this.poll = poll;
  }

  /// Lets a little time pass; false, at once, when there is none left.
  boolean goOn() {
    if (!surroundings.clock().instant().isBefore(end)) {
      return false;
    }
    try {
      surroundings.pause().pause(poll);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailed.because("interrupted while waiting");
    }
  }
}
