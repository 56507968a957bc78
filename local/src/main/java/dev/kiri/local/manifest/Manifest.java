package dev.kiri.local.manifest;

import dev.kiri.local.store.KubeObject;

/// One object and where it was written.
public record Manifest(Origin origin, KubeObject object) {}
