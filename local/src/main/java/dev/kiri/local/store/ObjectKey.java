package dev.kiri.local.store;

/// Names one object of the mesh. `namespace` is empty for kinds without one.
public record ObjectKey(String kind, String namespace, String name)
    implements Comparable<ObjectKey> {
  public static ObjectKey of(String kind, String namespace, String name) {
    return new ObjectKey(kind, Kind.named(kind).namespaced() ? namespace : "", name);
  }

  /// The file that holds this object below an objects or overlay folder.
  public String path() {
    return kind.toLowerCase(java.util.Locale.ROOT)
        + "/"
        + (namespace.isEmpty() ? "_" : namespace)
        + "/"
        + name
        + ".yaml";
  }

  @Override
  public int compareTo(ObjectKey other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return kind + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
  }
}
