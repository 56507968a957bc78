package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import java.nio.file.Path;
import java.util.Optional;

/// Where an object's file lies in an objects folder or an overlay tree:
/// `<kind in lower case>/<namespace or _>/<name>.yaml`.
final class Layout {
  private static final String CLUSTER = "_";

  private Layout() {}

  static Path file(Path root, ObjectKey key) {
    String namespace = key.namespace().isEmpty() ? CLUSTER : key.namespace();
    return root.resolve(key.kind().folder()).resolve(namespace).resolve(key.name() + ".yaml");
  }

  static Optional<ObjectKey> keyOf(Path root, Path file) {
    Path relative = root.relativize(file);
    if (relative.getNameCount() != 3) {
      return Optional.empty();
    }
    String name = relative.getName(2).toString();
    int dot = name.lastIndexOf('.');
    String namespace = relative.getName(1).toString();
    return Kind.ofFolder(relative.getName(0).toString())
        .filter(kind -> kind.namespaced() != namespace.equals(CLUSTER))
        .map(
            kind ->
                new ObjectKey(kind, kind.namespaced() ? namespace : "", name.substring(0, dot)));
  }

  static boolean isManifest(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
  }
}
