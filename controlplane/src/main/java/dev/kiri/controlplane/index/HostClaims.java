package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.MeshConfig.Visibility;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who has a host (controlplane.md 4.4). An entry that nobody may see claims none, and one that
/// only its namespace may see is never what others mean. Stateless apart from its tables.
final class HostClaims {
  private final ObjectTables tables;
  private final MeshConfigs mesh;
  private final MeshSettings settings;

  HostClaims(ObjectTables tables, MeshConfigs mesh, MeshSettings settings) {
    this.tables = tables;
    this.mesh = mesh;
    this.settings = settings;
  }

  /// The claims of an entry by host, sorted.
  Map<String, HostClaim> of(ServiceEntryObject entry, Reader reader) {
    Map<String, HostClaim> claims = new TreeMap<>();
    Visibility visibility = mesh.visibility(entry, reader);
    if (visibility != Visibility.NONE) {
      for (String host : entry.hosts()) {
        claims.put(host, of(entry, host, visibility, reader));
      }
    }
    return claims;
  }

  private HostClaim of(
      ServiceEntryObject entry, String host, Visibility visibility, Reader reader) {
    String namespace = entry.meta().namespace();
    ServiceObject service = service(host, reader);
    if (service != null && service.meta().namespace().equals(namespace)) {
      return new HostClaim.Lost(service.key().toString());
    }
    boolean canonical = service == null && visibility == Visibility.PUBLIC;
    for (ServiceEntryObject other : reader.find(tables.serviceEntriesByHost, host)) {
      if (MeshObject.AGE.compare(other, entry) >= 0) {
        continue;
      }
      Visibility ofOther = mesh.visibility(other, reader);
      if (other.meta().namespace().equals(namespace) && ofOther != Visibility.NONE) {
        return new HostClaim.Lost(other.key().toString());
      }
      canonical &= ofOther != Visibility.PUBLIC;
    }
    return new HostClaim.Held(canonical);
  }

  /// The published Service whose host name this is.
  private @Nullable ServiceObject service(String host, Reader reader) {
    ServiceObject found =
        settings.servicePath(host).map(path -> reader.get(tables.services, path)).orElse(null);
    return found == null || found.type().equals("ExternalName") ? null : found;
  }
}
