package dev.kiri.mesh.xds;

/// A resource as it arrived.
///
/// @param version opaque, may be empty
public record NamedResource<T>(String name, String version, T value) {}
