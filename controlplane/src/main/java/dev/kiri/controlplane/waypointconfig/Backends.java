package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.kinds.RouteObject.BackendRef;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.ServiceBackend;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Resolves the backends of routes. A mesh route may name services of any namespace without a
/// ReferenceGrant, because it opens nothing that its caller could not reach already (GEP-1294,
/// gateway-api.md 4).
final class Backends {
  private static final String ISTIO_GROUP = "networking.istio.io";

  private final Frontends frontends;
  private final MeshSettings settings;

  Backends(Frontends frontends, MeshSettings settings) {
    this.frontends = frontends;
    this.settings = settings;
  }

  HttpBackend.Builder resolve(BackendRef backend, String routeNamespace, Reader reader) {
    HttpBackend.Builder out = HttpBackend.newBuilder().setWeight(backend.weight());
    String hostname;
    Frontend found;
    if (backend.group().isEmpty() && backend.kind().equals("Service")) {
      String namespace = Objects.requireNonNullElse(backend.namespaceWritten(), routeNamespace);
      hostname = settings.hostname(namespace, backend.name());
      found = frontends.service(namespace + "/" + backend.name(), reader);
    } else if (backend.group().equals(ISTIO_GROUP) && backend.kind().equals("Hostname")) {
      hostname = backend.name();
      found = frontends.host(hostname, routeNamespace, reader);
    } else {
      return out.setInvalid(
          invalid(
              "InvalidKind",
              "referencing unsupported backendRef: group \""
                  + backend.group()
                  + "\" kind \""
                  + backend.kind()
                  + "\""));
    }
    return target(out, found, hostname, backend.port());
  }

  private static HttpBackend.Builder target(
      HttpBackend.Builder out, @Nullable Frontend found, String hostname, int port) {
    if (found == null) {
      return out.setInvalid(invalid("BackendNotFound", "backend(" + hostname + ") not found"));
    }
    var known = found.port(port);
    if (known.isEmpty()) {
      return out.setInvalid(
          invalid("BackendNotFound", "backend(" + hostname + ") has no port " + port));
    }
    return out.setService(
        ServiceBackend.newBuilder()
            .setNamespace(found.namespace())
            .setHostname(hostname)
            .setPort(port)
            .setProtocol(known.get().protocol()));
  }

  static Invalid invalid(String reason, String message) {
    return Invalid.newBuilder().setReason(reason).setMessage(message).build();
  }
}
