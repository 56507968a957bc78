package dev.kiri.mesh.xds;

/// A resource that was not accepted, and why. The control plane is told, and sends it again on the
/// next connection.
public record Rejection(String name, String reason) {

  @Override
  public String toString() {
    return name + ": " + reason;
  }
}
