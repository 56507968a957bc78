package dev.kiri.controlplane.index;

/// Whether an object's traffic goes through a waypoint. The messages are upstream's
/// (controlplane.md 8.1).
public sealed interface Binding {
  /// Nobody asked for a waypoint, or the object opted out.
  record Unbound() implements Binding {}

  /// Traffic goes through this waypoint.
  record Bound(Waypoint waypoint) implements Binding {}

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
