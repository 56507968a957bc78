package dev.kiri.local.network;

import java.nio.file.Path;

/// A file to which a network namespace is bound; entering the file is entering the namespace.
public record NamespaceFile(Path path) {}
