package dev.kiri.controlplane.waypointconfig;

import java.util.Set;

/// The GatewayClasses this control plane answers for.
public final class WaypointClasses {
  /// Our own class.
  public static final String KIRI = "kiri-waypoint";

  /// Upstream's class, ours too where no istiod owns it.
  public static final String ISTIO = "istio-waypoint";

  /// Our controller's name, in GatewayClasses and in the status of routes.
  public static final String CONTROLLER = "kiri.dev/mesh-controller";

  private static final Set<String> ALL = Set.of(KIRI, ISTIO);

  private WaypointClasses() {}

  /// The names of our classes.
  public static Set<String> names() {
    return ALL;
  }

  /// Whether a Gateway of that class is ours.
  public static boolean isOurs(String className) {
    return ALL.contains(className);
  }
}
