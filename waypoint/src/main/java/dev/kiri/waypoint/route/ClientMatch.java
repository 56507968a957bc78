package dev.kiri.waypoint.route;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A condition on the pod that asks. A client that has proven nothing fulfils none.
///
/// @param namespace empty: any
/// @param workloads uids, one of which it must have; null: any
public record ClientMatch(String namespace, @Nullable Set<String> workloads) {
  public static final ClientMatch ANY = new ClientMatch("", null);

  public ClientMatch {
    workloads = workloads == null ? null : Set.copyOf(workloads);
  }

  boolean isAny() {
    return namespace.isEmpty() && workloads == null;
  }

  public boolean holds(RouteClient client) {
    return (namespace.isEmpty() || namespace.equals(client.namespace()))
        && (workloads == null || workloads.contains(client.workload()));
  }
}
