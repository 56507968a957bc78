package dev.kiri.waypoint.route;

import org.jspecify.annotations.Nullable;

/// Who asks, as far as routes may tell clients apart: only by what the tunnel's certificate proves.
///
/// @param namespace null for a client without an identity of this mesh
/// @param workload uid of the pod at the client's address if that pod has the proven identity, else
///     empty
public record RouteClient(@Nullable String namespace, String workload) {
  public static final RouteClient UNKNOWN = new RouteClient(null, "");
}
