package dev.kiri.cli;

import dev.kiri.local.store.KubeObject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What Gateways say when they are waypoints. Pure.
final class Waypoints {
  static final String DEFAULT_CLASS = "kiri-waypoint";
  static final String REVISION_LABEL = "istio.io/rev";
  static final String FOR_LABEL = "istio.io/waypoint-for";
  static final String USE_LABEL = "istio.io/use-waypoint";
  /// Our control plane's, there only while a proxy refuses what it was told.
  private static final String ACCEPTED_BY_PROXY = "kiri.dev/ProxyAccepted";

  static final String NONE_FOUND = "No waypoints found.\n";

  /// Ours, and upstream's where no istiod owns it.
  private static final List<String> CLASSES = List.of(DEFAULT_CLASS, "istio-waypoint");

  private Waypoints() {}

  /// What the control plane says about one aspect of an object.
  record Condition(String type, String status, String reason, String message) {
    private static Condition of(Map<String, Object> fields) {
      return new Condition(
          KubeObject.textIn(fields, "type"),
          KubeObject.textIn(fields, "status"),
          KubeObject.textIn(fields, "reason"),
          KubeObject.textIn(fields, "message"));
    }

    boolean isTrue() {
      return status.equals("True");
    }

    @Override
    public String toString() {
      return type
          + "="
          + status
          + (reason.isEmpty() ? "" : " (" + reason + ")")
          + (message.isEmpty() ? "" : ": " + message);
    }
  }

  /// The waypoints among Gateways, by namespace and name.
  static List<KubeObject> among(List<KubeObject> gateways) {
    return gateways.stream()
        .filter(Waypoints::isWaypoint)
        .sorted(Comparator.comparing(KubeObject::namespace).thenComparing(KubeObject::name))
        .toList();
  }

  static boolean isWaypoint(KubeObject gateway) {
    return CLASSES.contains(gatewayClass(gateway));
  }

  static String gatewayClass(KubeObject gateway) {
    return gateway.text("spec", "gatewayClassName");
  }

  static String fullName(KubeObject gateway) {
    return gateway.namespace() + "/" + gateway.name();
  }

  static String revision(KubeObject gateway) {
    var label = gateway.labels().getOrDefault(REVISION_LABEL, "");
    return label.isEmpty() ? "default" : label;
  }

  static List<Condition> conditions(KubeObject gateway) {
    return gateway.maps("status", "conditions").stream().map(Condition::of).toList();
  }

  static Optional<Condition> programmed(KubeObject gateway) {
    return conditions(gateway).stream().filter(c -> c.type().equals("Programmed")).findFirst();
  }

  static boolean isProgrammed(KubeObject gateway) {
    return programmed(gateway).filter(Condition::isTrue).isPresent();
  }

  /// The condition that a single row shows: what a programmed one refuses, else whether it is
  /// programmed, else the last one there is.
  static Optional<Condition> telling(KubeObject gateway) {
    var all = conditions(gateway);
    return all.stream()
        .filter(c -> c.type().equals(ACCEPTED_BY_PROXY) && isProgrammed(gateway))
        .findFirst()
        .or(() -> programmed(gateway))
        .or(() -> all.isEmpty() ? Optional.empty() : Optional.of(all.getLast()));
  }
}
