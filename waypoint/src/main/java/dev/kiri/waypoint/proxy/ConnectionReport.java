package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.upstream.Target;
import org.jspecify.annotations.Nullable;

/// What is known of a TCP connection when it is over.
///
/// @param details why it was cut, empty when it ended by itself
public record ConnectionReport(
    Client client,
    Destination destination,
    String flags,
    String details,
    long bytesReceived,
    long bytesSent,
    long durationMillis,
    @Nullable Target target,
    @Nullable PolicyDecision policy,
    boolean accessLog) {}
