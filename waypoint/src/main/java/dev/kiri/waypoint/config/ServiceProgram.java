package dev.kiri.waypoint.config;

import dev.kiri.waypoint.policy.PolicyEngine;
import dev.kiri.waypoint.route.ServiceRoutes;

/// Everything the program says about one service port.
///
/// @param policies for requests
/// @param tcpPolicies for connections that are not HTTP
/// @param protocol null when only the workload API may know
public record ServiceProgram(
    ServiceRoutes routes,
    PolicyEngine policies,
    PolicyEngine tcpPolicies,
    @org.jspecify.annotations.Nullable PortProtocol protocol) {}
