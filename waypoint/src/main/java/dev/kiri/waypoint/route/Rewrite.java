package dev.kiri.waypoint.route;

import org.jspecify.annotations.Nullable;

/// Sends the request under another authority or path (Gateway API HTTPURLRewriteFilter).
public record Rewrite(@Nullable String hostname, @Nullable PathRewrite path) {}
