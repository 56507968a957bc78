package dev.kiri.controlplane.kinds;

/// An object of one of [Kind#MADE].
public record MadeObject(Meta meta, Kind kind) implements MeshObject {}
