package dev.kiri.mesh.workload;

import java.util.Optional;

/// The name under which a service is known: its namespace and its hostname (which may be a
/// wildcard).
///
/// Written `namespace/hostname`.
///
/// @param namespace the namespace the service belongs to
/// @param hostname the fully qualified host name
public record ServiceKey(String namespace, String hostname) {

  /// Reads `namespace/hostname`, split at the first slash; empty without a slash.
  public static Optional<ServiceKey> parse(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? Optional.empty()
        : Optional.of(new ServiceKey(text.substring(0, slash), text.substring(slash + 1)));
  }

  @Override
  public String toString() {
    return namespace + "/" + hostname;
  }
}
