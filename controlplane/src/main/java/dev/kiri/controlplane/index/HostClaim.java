package dev.kiri.controlplane.index;

/// Whether a ServiceEntry has a host it names (controlplane.md 4.4): in one namespace a Service
/// comes before ServiceEntries, and the oldest ServiceEntry before the others.
public sealed interface HostClaim {
  /// The entry publishes the host.
  ///
  /// @param canonical whether namespaces that do not have the host themselves mean this one
  record Held(boolean canonical) implements HostClaim {}

  /// Somebody else has the host in this namespace.
  ///
  /// @param owner kind and `namespace/name` of that object
  record Lost(String owner) implements HostClaim {}
}
