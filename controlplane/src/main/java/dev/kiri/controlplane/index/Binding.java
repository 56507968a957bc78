package dev.kiri.controlplane.index;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Whether an object's traffic goes through a waypoint. The messages are upstream's
/// (controlplane.md 8.1).
public sealed interface Binding {
  /// Nobody asked for a waypoint, or the object opted out.
  record Unbound() implements Binding {}

  /// Traffic goes through this waypoint, and a share of it through its canary.
  record Bound(Waypoint waypoint, Canary canary) implements Binding {
    /// The waypoints that the object's traffic may come through: all are configured for it.
    public List<Waypoint> waypoints() {
      return canary instanceof Canary.Attached(Waypoint other, int _)
          ? List.of(waypoint, other)
          : List.of(waypoint);
    }

    /// Adds to what each of these waypoints gets, by its `namespace/name`.
    public <T> void addTo(Map<String, List<T>> byWaypoint, Collection<? extends T> more) {
      for (Waypoint each : waypoints()) {
        byWaypoint.computeIfAbsent(each.path(), _ -> new ArrayList<>()).addAll(more);
      }
    }
  }

  /// A second waypoint that is given a share of the connections (controlplane.md 5.6).
  sealed interface Canary {
    /// None was asked for.
    record None() implements Canary {}

    /// @param weight of 100
    record Attached(Waypoint waypoint, int weight) implements Canary {}

    /// One was asked for and gets nothing; the first waypoint is not touched by that.
    record Failed(String message) implements Canary {}
  }

  /// A waypoint was asked for and is not used.
  ///
  /// @param wanted `namespace/name` of the waypoint
  record Denied(String wanted, Reason reason) implements Binding {
    /// The condition's message.
    public String message() {
      return switch (reason) {
        case WaypointIsNotReady -> "waypoint \"" + wanted + "\" is not ready";
        case WaypointDoesNotExist -> "waypoint \"" + wanted + "\" does not exist";
        case AttachmentDenied ->
            "we are not permitted to attach to waypoint \""
                + wanted
                + "\" (missing allowedRoutes?)";
        case UnsupportedTrafficType ->
            "attempting to bind to traffic type \"service\" which the waypoint \""
                + wanted
                + "\" does not support";
        case CrossNamespaceWaypointForbidden ->
            "cannot bind to waypoint \""
                + wanted
                + "\" in another namespace: cross-namespace waypoint binding is not permitted for a"
                + " ServiceEntry with NAMESPACE visibility";
      };
    }

    /// The condition's reason. Upstream has no reason of its own for a waypoint that does not exist
    /// (istio/istio#53637); the condition says WaypointIsNotReady with a message of its own.
    public String conditionReason() {
      return reason == Reason.WaypointDoesNotExist
          ? Reason.WaypointIsNotReady.name()
          : reason.name();
    }
  }

  /// Why a waypoint is not used.
  enum Reason {
    WaypointIsNotReady,
    WaypointDoesNotExist,
    AttachmentDenied,
    UnsupportedTrafficType,
    CrossNamespaceWaypointForbidden
  }
}
