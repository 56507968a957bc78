package dev.kiri.controlplane.provision;

import static dev.kiri.controlplane.provision.Trees.list;
import static dev.kiri.controlplane.provision.Trees.map;

import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The Gateway object that asks for a waypoint, as `kirictl waypoint generate` and `apply` make it.
///
/// @param className usually `kiri-waypoint`
/// @param trafficType `service`, `workload`, `all` or `none`; empty leaves the label out, which
///     means `service`
/// @param revision value of the label `istio.io/rev`; empty leaves it out
/// @param from which namespaces may use it: `Same` or `All`
public record WaypointGateway(
    String namespace,
    String name,
    String className,
    String trafficType,
    String revision,
    String from) {
  /// What a waypoint may be for.
  public static final Set<String> TRAFFIC_TYPES = Set.of("service", "workload", "all", "none");

  public WaypointGateway {
    if (!trafficType.isEmpty() && !TRAFFIC_TYPES.contains(trafficType)) {
      throw new IllegalArgumentException("traffic type " + trafficType);
    }
    if (name.equals("none")) {
      throw new IllegalArgumentException(
          "a waypoint cannot be called none: that value of istio.io/use-waypoint means no"
              + " waypoint");
    }
  }

  /// The object as a document tree.
  public Map<String, Object> tree() {
    Map<String, Object> meta = new LinkedHashMap<>();
    Map<String, Object> labels = new LinkedHashMap<>();
    if (!trafficType.isEmpty()) {
      labels.put(WellKnown.WAYPOINT_FOR, trafficType);
    }
    if (!revision.isEmpty()) {
      labels.put("istio.io/rev", revision);
    }
    if (!labels.isEmpty()) {
      meta.put("labels", labels);
    }
    meta.put("name", name);
    meta.put("namespace", namespace);
    Map<String, Object> listener = map("name", "mesh", "port", 15008, "protocol", "HBONE");
    if (!from.equals("Same")) {
      listener.put("allowedRoutes", map("namespaces", map("from", from)));
    }
    return map(
        "apiVersion", Kind.GATEWAY.apiVersion(),
        "kind", Kind.GATEWAY.kindName(),
        "metadata", meta,
        "spec", map("gatewayClassName", className, "listeners", list(listener)));
  }
}
