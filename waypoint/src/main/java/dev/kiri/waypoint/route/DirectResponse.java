package dev.kiri.waypoint.route;

/// An answer that a rule gives itself.
///
/// @param body one byte a character
public record DirectResponse(int status, String body) {}
