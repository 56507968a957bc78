package dev.kiri.waypoint.proxy;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.upstream.Target;
import org.jspecify.annotations.Nullable;

/// What is known of a request when it is over. Texts are as they were received.
///
/// @param status 0 when no answer was sent
/// @param flags response flags, `-` without any
/// @param grpcStatus null for what is not gRPC
/// @param upstreamMillis -1 without an answer of an endpoint
/// @param backendService the service a route chose; null without a route
/// @param trial what policies under trial would have said, null without any
public record RequestReport(
    Client client,
    Destination destination,
    String method,
    String path,
    String protocol,
    String authority,
    String userAgent,
    String requestId,
    String forwardedFor,
    int status,
    String flags,
    String details,
    String transportFailure,
    @Nullable String grpcStatus,
    boolean grpc,
    long bytesReceived,
    long bytesSent,
    long durationMillis,
    long upstreamMillis,
    @Nullable Target target,
    @Nullable ServiceKey backendService,
    String cluster,
    @Nullable RouteDecision route,
    @Nullable PolicyDecision policy,
    @Nullable PolicyDecision trial,
    boolean accessLog) {}
