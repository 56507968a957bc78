package dev.kiri.controlplane.kinds;

/// Which object: kind, namespace (empty for a cluster-scoped kind) and name.
public record ObjectKey(Kind kind, String namespace, String name) implements Comparable<ObjectKey> {
  /// `namespace/name`, or the name alone for a cluster-scoped object.
  public String path() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  @Override
  public int compareTo(ObjectKey other) {
    int byKind = kind.compareTo(other.kind);
    if (byKind != 0) {
      return byKind;
    }
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return kind.kindName() + " " + path();
  }
}
