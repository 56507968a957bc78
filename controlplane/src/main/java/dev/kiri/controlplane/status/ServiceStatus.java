package dev.kiri.controlplane.status;

import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.Waypoint;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.NamespaceObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The condition `istio.io/WaypointBound` of a Service or ServiceEntry (controlplane.md 8.1).
final class ServiceStatus {
  private static final Set<String> YES = Set.of("1", "t", "T", "TRUE", "true", "True");

  private ServiceStatus() {}

  static @Nullable Map<String, Object> of(
      ServiceObject service, @Nullable NamespaceObject namespace, Binding binding) {
    Condition bound = bound(service.meta(), namespace, binding);
    return bound == null ? null : GatewayStatus.conditions(bound);
  }

  /// The condition of a Service or ServiceEntry; null where no waypoint is asked for.
  static @Nullable Condition bound(
      Meta service, @Nullable NamespaceObject namespace, Binding binding) {
    return switch (binding) {
      case Binding.Unbound() -> null;
      case Binding.Bound(Waypoint waypoint, var canary) ->
          Condition.yes(
              "istio.io/WaypointBound",
              "WaypointAccepted",
              "Successfully attached to waypoint "
                  + waypoint.path()
                  + ingress(service, namespace)
                  + (canary instanceof Binding.Canary.Failed(String why)
                      ? ". Canary waypoint not attached: " + why
                      : ""),
              0);
      case Binding.Denied denied ->
          Condition.no("istio.io/WaypointBound", denied.conditionReason(), denied.message(), 0);
    };
  }

  private static String ingress(Meta service, @Nullable NamespaceObject namespace) {
    String label = service.label(WellKnown.INGRESS_USE_WAYPOINT);
    if (label == null && namespace != null) {
      label = namespace.meta().label(WellKnown.INGRESS_USE_WAYPOINT);
    }
    if (label == null) {
      return "";
    }
    return YES.contains(label)
        ? ". Ingress traffic will traverse the waypoint"
        : ". Ingress traffic is not using the waypoint, set the istio.io/ingress-use-waypoint label"
            + " to true if desired.";
  }
}
