package dev.kiri.ztunnel.balance;

import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.Service;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The waypoint of a connection to a service.
public final class WaypointChoice {
  private WaypointChoice() {}

  /// One of the weighted waypoints by chance; the single one if there are none or their weights
  /// sum to 0; null if the service has no waypoint at all.
  public static @Nullable GatewayAddress of(Service service, RandomGenerator random) {
    long sum = 0;
    for (var waypoint : service.weightedWaypoints()) {
      sum += waypoint.weight();
    }
    if (sum == 0) {
      return service.waypoint();
    }
    long at = random.nextLong(sum);
    for (var waypoint : service.weightedWaypoints()) {
      at -= waypoint.weight();
      if (at < 0) {
        return waypoint.destination();
      }
    }
    throw new IllegalStateException("weights do not add up");
  }
}
