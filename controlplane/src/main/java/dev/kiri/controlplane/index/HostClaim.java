package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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

  /// The claims of an entry by host, sorted.
  static Map<String, HostClaim> of(
      ServiceEntryObject entry, ObjectTables tables, MeshSettings settings, Reader reader) {
    Map<String, HostClaim> claims = new TreeMap<>();
    for (String host : entry.hosts()) {
      claims.put(host, of(entry, host, tables, settings, reader));
    }
    return claims;
  }

  private static HostClaim of(
      ServiceEntryObject entry,
      String host,
      ObjectTables tables,
      MeshSettings settings,
      Reader reader) {
    String namespace = entry.meta().namespace();
    ServiceObject service = service(host, tables, settings, reader);
    if (service != null && service.meta().namespace().equals(namespace)) {
      return new Lost(service.key().toString());
    }
    boolean canonical = service == null;
    for (ServiceEntryObject other : reader.find(tables.serviceEntriesByHost, host)) {
      if (MeshObject.AGE.compare(other, entry) < 0) {
        if (other.meta().namespace().equals(namespace)) {
          return new Lost(other.key().toString());
        }
        canonical = false;
      }
    }
    return new Held(canonical);
  }

  /// The published Service whose host name this is.
  private static @Nullable ServiceObject service(
      String host, ObjectTables tables, MeshSettings settings, Reader reader) {
    String suffix = ".svc." + settings.clusterDomain();
    String[] parts =
        host.endsWith(suffix)
            ? host.substring(0, host.length() - suffix.length()).split("\\.", -1)
            : new String[0];
    if (parts.length != 2) {
      return null;
    }
    ServiceObject found = reader.get(tables.services, parts[1] + "/" + parts[0]);
    return found == null || found.type().equals("ExternalName") ? null : found;
  }
}
