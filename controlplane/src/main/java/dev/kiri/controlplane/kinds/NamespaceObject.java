package dev.kiri.controlplane.kinds;

/// A Namespace: its labels decide on dataplane mode, waypoint and traffic defaults of what lives in
/// it.
public record NamespaceObject(Meta meta) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.NAMESPACE;
  }
}
