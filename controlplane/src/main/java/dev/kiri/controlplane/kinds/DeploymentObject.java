package dev.kiri.controlplane.kinds;

/// A Deployment: read only to see what the provisioner's own objects look like.
public record DeploymentObject(Meta meta) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.DEPLOYMENT;
  }
}
