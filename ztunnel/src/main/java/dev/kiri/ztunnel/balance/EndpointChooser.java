package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses an endpoint of a service for one connection. Pure but for the random source and the
/// ejections; as thread-safe as they are.
public final class EndpointChooser {
  /// How often another endpoint is drawn when the first is ejected. With half of the endpoints
  /// ejected, one in 64 connections still gets one of them, which is how they are tried again.
  private static final int DRAWS = 6;

  private final RandomGenerator random;
  private final Ejections ejections;

  public EndpointChooser(RandomGenerator random, Ejections ejections) {
    this.random = random;
    this.ejections = ejections;
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
    var choice = draw(mesh, client, service, port, purpose);
    trail.step(
        choice == null ? "no endpoint" : "endpoint " + choice.workload().uid(),
        "of " + service.key(),
        "among " + mesh.endpoints(service.key()).size(),
        "by " + service.balancing().mode());
    return choice == null ? null : new Upstream(choice.workload(), choice.port(), service);
  }

  private @Nullable EndpointChoice draw(
      MeshSnapshot mesh,
      Workload client,
      Service service,
      int port,
      EndpointChoice.Purpose purpose) {
    EndpointChoice choice = null;
    for (int i = 0; i < DRAWS; i++) {
      choice = EndpointChoice.of(mesh, client, service, port, purpose, random);
      if (choice == null || !ejections.ejected(choice.workload().uid())) {
        break;
      }
    }
    // rather a doubtful endpoint than none
    return choice;
  }
}
