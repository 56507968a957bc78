package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.HeaderName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a client's session is told again (Gateway API, GEP-1619).
///
/// @param header that holds the token; null: a cookie does
/// @param lifetime of the cookie; null: the browser's session
/// @param idle after how long without a request a session is over; null: never
/// @param absolute after how long it is over whatever happens; null: never
public record SessionRules(
    @Nullable HeaderName header,
    String cookie,
    String path,
    @Nullable Duration lifetime,
    @Nullable Duration idle,
    @Nullable Duration absolute) {
  /// Whether a session can be over while its endpoint is there.
  public boolean endsWithTime() {
    return idle != null || absolute != null;
  }
}
