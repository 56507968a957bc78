package dev.kiri.mesh.wire;

/// A resource that cannot be accepted; its message goes back to the control plane.
public final class InvalidResource extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidResource(String reason) {
    super(reason);
  }
}
