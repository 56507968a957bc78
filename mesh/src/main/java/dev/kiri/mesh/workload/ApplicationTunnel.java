package dev.kiri.mesh.workload;

/// How a workload wants to learn who called it, after the tunnel has ended.
///
/// @param port where it expects such connections; 0 if the destination port itself
public record ApplicationTunnel(Protocol protocol, int port) {

  /// The wire format spoken inside.
  public enum Protocol {
    NONE,
    /// PROXY protocol version 2 with the source's identity.
    PROXY
  }
}
