package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.kinds.RouteObject.BackendRef;
import dev.kiri.controlplane.kinds.ServiceObject;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.ServiceBackend;
import java.util.Objects;

/// Resolves the backends of routes. A mesh route may name services of any namespace without a
/// ReferenceGrant, because it opens nothing that its caller could not reach already (GEP-1294,
/// gateway-api.md 4).
final class Backends {
  private final ObjectTables objects;
  private final MeshSettings settings;

  Backends(ObjectTables objects, MeshSettings settings) {
    this.objects = objects;
    this.settings = settings;
  }

  HttpBackend.Builder resolve(BackendRef backend, String routeNamespace, Reader reader) {
    HttpBackend.Builder out = HttpBackend.newBuilder().setWeight(backend.weight());
    if (!backend.group().isEmpty() || !backend.kind().equals("Service")) {
      return out.setInvalid(
          invalid(
              "InvalidKind",
              "referencing unsupported backendRef: group \""
                  + backend.group()
                  + "\" kind \""
                  + backend.kind()
                  + "\""));
    }
    String namespace = Objects.requireNonNullElse(backend.namespaceWritten(), routeNamespace);
    String path = namespace + "/" + backend.name();
    String hostname = settings.hostname(namespace, backend.name());
    ServiceObject service = reader.get(objects.services, path);
    if (service == null || service.type().equals("ExternalName")) {
      return out.setInvalid(invalid("BackendNotFound", "backend(" + hostname + ") not found"));
    }
    var port = service.port(backend.port());
    if (port.isEmpty()) {
      return out.setInvalid(
          invalid("BackendNotFound", "backend(" + hostname + ") has no port " + backend.port()));
    }
    return out.setService(
        ServiceBackend.newBuilder()
            .setNamespace(namespace)
            .setHostname(hostname)
            .setPort(backend.port())
            .setProtocol(Ports.protocol(port.get())));
  }

  static Invalid invalid(String reason, String message) {
    return Invalid.newBuilder().setReason(reason).setMessage(message).build();
  }
}
