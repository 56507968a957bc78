package dev.kiri.controlplane.kinds;

/// A ServiceAccount: an identity's name.
public record ServiceAccountObject(Meta meta) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.SERVICE_ACCOUNT;
  }
}
