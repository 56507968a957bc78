package dev.kiri.local.pod;

import dev.kiri.local.network.NamespaceFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where a pod lives: its node's namespace, its own (none for a pod on its node's network), its
/// addresses, and its folders on disk.
public record PodPlace(
    NamespaceFile node,
    Optional<NamespaceFile> own,
    List<String> addresses,
    List<String> nodeAddresses,
    Path folder,
    Path logFolder) {}
