package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses an endpoint of a service for one connection. Pure but for the random source and the
/// view; as thread-safe as they are.
public final class EndpointChooser {
  private final RandomGenerator random;
  private final EndpointView view;

  public EndpointChooser(RandomGenerator random, EndpointView view) {
    this.random = random;
    this.view = view;
  }

  /// Null when the service has no endpoint for this port and client, or is not balanced at all
  /// ([Mode#PASSTHROUGH]).
  public @Nullable Upstream choose(
      MeshSnapshot mesh,
      Workload client,
      Service service,
      int port,
      EndpointChoice.Purpose purpose,
      Trail trail) {
    if (service.balancing().mode() == Mode.PASSTHROUGH) {
      trail.step("service passes through, no endpoint is chosen", service.key());
      return null;
    }
    var choice = EndpointChoice.of(mesh, client, service, port, purpose, view, random);
    if (choice == null) {
      trail.step("no endpoint", "of " + service.key(), "for port " + port);
      return null;
    }
    if (trail instanceof Trail.Recorded) {
      explain(mesh, client, service, choice, trail);
    }
    return new Upstream(choice.workload(), choice.port(), service);
  }

  private void explain(
      MeshSnapshot mesh, Workload client, Service service, EndpointChoice chosen, Trail trail) {
    for (var endpoint : mesh.endpoints(service.key())) {
      var uid = endpoint.workload().uid();
      if (view.ejected(client.uid(), uid, chosen.port())) {
        trail.step("endpoint failed just now", uid);
      }
    }
    var mode = service.balancing().mode();
    trail.step(
        "endpoint " + chosen.workload().uid(),
        "of " + service.key(),
        "among " + mesh.endpoints(service.key()).size(),
        "by " + mode,
        mode == Mode.STANDARD
            ? "(the less busy of two: " + view.open(chosen.workload().uid()) + " open connections)"
            : "(by preference)");
  }
}
