package dev.kiri.mesh.xds;

/// A resource type to subscribe to, with all its names.
///
/// @param typeUrl as in `type.googleapis.com/istio.workload.Address`
public record TypeSubscription<T>(
    String typeUrl, ResourceParser<T> parser, ResourceHandler<T> handler) {}
