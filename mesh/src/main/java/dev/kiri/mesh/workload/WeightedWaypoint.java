package dev.kiri.mesh.workload;

/// One of several waypoints that share the connections of a service by weight.
///
/// @param weight its share; 0 never takes a connection. Unsigned 32 bits on the wire.
public record WeightedWaypoint(GatewayAddress destination, long weight) {}
