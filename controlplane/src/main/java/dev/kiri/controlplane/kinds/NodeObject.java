package dev.kiri.controlplane.kinds;

/// A Node: its labels give the locality of its pods.
public record NodeObject(Meta meta) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.NODE;
  }
}
