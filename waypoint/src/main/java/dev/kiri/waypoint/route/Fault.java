package dev.kiri.waypoint.route;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Failures that a rule makes up. Both are drawn for each request on their own; a delayed request
/// may be aborted, too.
public record Fault(@Nullable Delay delay, @Nullable Abort abort) {
  /// @param share in [0, 1]
  public record Delay(Duration duration, double share) {}

  /// @param grpcStatus -1: answered with `status`
  /// @param share in [0, 1]
  public record Abort(int status, int grpcStatus, double share) {}
}
