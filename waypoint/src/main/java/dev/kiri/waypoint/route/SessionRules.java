package dev.kiri.waypoint.route;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a client's session is told again (Gateway API, GEP-1619).
///
/// @param header in a header of that name; else in a cookie
/// @param lifetime of the cookie; null: the browser's session
public record SessionRules(boolean header, String name, String path, @Nullable Duration lifetime) {}
