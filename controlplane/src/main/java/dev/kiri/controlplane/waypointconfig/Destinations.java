package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Destination;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.ServiceBackend;
import java.util.List;

/// Resolves the destinations of VirtualServices. One that does not exist is answered 503, as
/// upstream does (waypoint.md 8.2).
final class Destinations {
  private static final int UNAVAILABLE = 503;

  private final Frontends frontends;

  Destinations(Frontends frontends) {
    this.frontends = frontends;
  }

  /// @param problems gets what does not resolve
  HttpBackend.Builder resolve(
      Destination to, String namespace, String where, List<String> problems, Reader reader) {
    HttpBackend.Builder out = HttpBackend.newBuilder();
    String hostname = frontends.complete(to.host(), namespace);
    Frontend found = frontends.host(hostname, namespace, reader);
    if (found == null) {
      return out.setInvalid(invalid(where, "destination " + hostname + " not found", problems));
    }
    int port =
        to.port() == 0 && found.ports().size() == 1 ? found.ports().getFirst().number() : to.port();
    var known = found.port(port);
    if (port != 0 && known.isEmpty()) {
      return out.setInvalid(
          invalid(where, "destination " + hostname + " has no port " + port, problems));
    }
    ServiceBackend.Builder service =
        ServiceBackend.newBuilder()
            .setNamespace(found.namespace())
            .setHostname(hostname)
            .setPort(port);
    known.ifPresent(one -> service.setProtocol(one.protocol()));
    return out.setService(service);
  }

  private static Invalid invalid(String where, String message, List<String> problems) {
    problems.add(where + ": " + message);
    return Invalid.newBuilder()
        .setReason("BackendNotFound")
        .setMessage(message)
        .setStatus(UNAVAILABLE)
        .build();
  }
}
