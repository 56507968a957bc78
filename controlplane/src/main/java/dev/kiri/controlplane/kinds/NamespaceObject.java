package dev.kiri.controlplane.kinds;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Namespace: its labels decide on dataplane mode, waypoint and traffic defaults of what lives in
/// it.
public record NamespaceObject(Meta meta) implements MeshObject {
  private static final String NAME = "kubernetes.io/metadata.name";

  @Override
  public Kind kind() {
    return Kind.NAMESPACE;
  }

  /// An API server labels every namespace with its name, so that selectors can name one.
  static NamespaceObject of(Meta meta) {
    return new NamespaceObject(meta.withLabels(named(meta.name(), meta.labels())));
  }

  /// The labels of a namespace, which need not exist as an object.
  public static Map<String, String> labels(String name, @Nullable NamespaceObject namespace) {
    return namespace == null ? named(name, Map.of()) : namespace.meta().labels();
  }

  private static Map<String, String> named(String name, Map<String, String> labels) {
    Map<String, String> all = new HashMap<>(labels);
    all.put(NAME, name);
    return all;
  }
}
