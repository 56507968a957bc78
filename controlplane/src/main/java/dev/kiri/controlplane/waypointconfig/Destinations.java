package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.kinds.DestinationRuleObject;
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
  private final Index<String, String, DestinationRuleObject> rulesBySubset;

  /// To be made before the first change.
  Destinations(Frontends frontends, MeshIndex index) {
    this.frontends = frontends;
    this.rulesBySubset =
        index
            .objects()
            .destinationRules
            .index(
                rule -> rule.subsets().stream().map(DestinationRuleObject.Subset::name).toList());
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
    if (!to.subset().isEmpty() && !isDefined(to.subset(), found, reader)) {
      return out.setInvalid(
          invalid(
              where,
              "no DestinationRule has the subset " + to.subset() + " of " + hostname,
              problems));
    }
    ServiceBackend.Builder service =
        ServiceBackend.newBuilder()
            .setNamespace(found.namespace())
            .setHostname(hostname)
            .setPort(port)
            .setSubset(to.subset());
    known.ifPresent(one -> service.setProtocol(one.protocol()));
    return out.setService(service);
  }

  private boolean isDefined(String subset, Frontend frontend, Reader reader) {
    for (DestinationRuleObject rule : reader.find(rulesBySubset, subset)) {
      String namespace = rule.meta().namespace();
      if (frontends.covered(rule.host(), namespace, reader).stream()
          .anyMatch(covered -> covered.reference().equals(frontend.reference()))) {
        return true;
      }
    }
    return false;
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
