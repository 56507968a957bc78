package dev.kiri.controlplane.status;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.index.Waypoint;
import dev.kiri.controlplane.kinds.GatewayClassObject;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.provision.GatewayOverlays;
import dev.kiri.controlplane.waypointconfig.WaypointClasses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Status of Gateways and GatewayClasses (controlplane.md 10). The address of a waypoint is what
/// diverts traffic to it: it is written when the first instance is ready and stays afterwards,
/// since taking it away would lead traffic past the waypoint's policies.
final class GatewayStatus {
  private final ObjectTables objects;
  private final GatewayAddresses addresses;
  private final GatewayOverlays overlays;

  GatewayStatus(ObjectTables objects, MeshSettings settings) {
    this.objects = objects;
    this.addresses = new GatewayAddresses(objects, settings);
    this.overlays = new GatewayOverlays(objects, settings);
  }

  @Nullable Map<String, Object> gatewayClass(GatewayClassObject gatewayClass, Reader reader) {
    if (!WaypointClasses.isOurs(gatewayClass.meta().name())) {
      return null;
    }
    long generation = gatewayClass.meta().generation();
    String parameters = overlays.problem(gatewayClass, reader);
    Map<String, Object> status =
        conditions(
            parameters == null
                ? Condition.yes("Accepted", "Accepted", "Handled by Kiri controller", generation)
                : Condition.no("Accepted", "InvalidParameters", parameters, generation));
    status.put("supportedFeatures", SupportedFeatures.LIST);
    return status;
  }

  @Nullable Map<String, Object> gateway(GatewayObject gateway, Reader reader) {
    long generation = gateway.meta().generation();
    if (!WaypointClasses.isOurs(gateway.className())) {
      if (reader.get(objects.gatewayClasses, gateway.className()) != null) {
        return null;
      }
      String message =
          "Waiting for controller: there is no GatewayClass \""
              + gateway.className()
              + "\"; a waypoint has class "
              + WaypointClasses.KIRI;
      return conditions(
          new Condition("Accepted", "Unknown", "Pending", message, generation),
          new Condition("Programmed", "Unknown", "Pending", message, generation));
    }
    String listenerProblem = listenerProblem(gateway);
    Condition accepted = accepted(gateway, listenerProblem, reader);
    GatewayAddresses.Assigned assigned = addresses.assign(gateway, reader);
    Map<String, Object> status = new LinkedHashMap<>();
    if (!assigned.addresses().isEmpty()) {
      status.put("addresses", assigned.addresses());
    }
    status.putAll(
        conditions(
            accepted,
            assigned.programmed(),
            Condition.yes("ResolvedRefs", "ResolvedRefs", "All references resolved", generation)));
    status.put("listeners", listeners(gateway, listenerProblem, generation));
    return status;
  }

  private static @Nullable String listenerProblem(GatewayObject gateway) {
    boolean sound =
        gateway.listeners().size() == 1
            && gateway.listeners().getFirst().port() == Waypoint.HBONE_PORT
            && gateway.listeners().getFirst().protocol().equals("HBONE");
    return sound ? null : "Expected a single listener on port 15008 with protocol \"HBONE\"";
  }

  private Condition accepted(
      GatewayObject gateway, @Nullable String listenerProblem, Reader reader) {
    long generation = gateway.meta().generation();
    for (GatewayObject.Address address : gateway.specAddresses()) {
      if (!List.of("", "IPAddress", "Hostname").contains(address.type())) {
        return Condition.no(
            "Accepted",
            "UnsupportedAddress",
            "Failed to assign to any requested addresses",
            generation);
      }
    }
    String parameters = overlays.problem(gateway, reader);
    if (parameters != null) {
      return Condition.no("Accepted", "InvalidParameters", parameters, generation);
    }
    if (listenerProblem != null) {
      return Condition.no("Accepted", "ListenersNotValid", listenerProblem, generation);
    }
    return Condition.yes("Accepted", "Accepted", "Resource accepted", generation);
  }

  private static List<Object> listeners(
      GatewayObject gateway, @Nullable String problem, long generation) {
    List<Object> listeners = new ArrayList<>();
    String fine = "No errors found";
    for (GatewayObject.Listener listener : gateway.listeners()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("attachedRoutes", 0);
      one.putAll(
          conditions(
              problem == null
                  ? Condition.yes("Accepted", "Accepted", fine, generation)
                  : Condition.no("Accepted", "UnsupportedProtocol", problem, generation),
              Condition.no("Conflicted", "NoConflicts", fine, generation),
              Condition.yes("Programmed", "Programmed", fine, generation),
              Condition.yes("ResolvedRefs", "ResolvedRefs", fine, generation)));
      one.put("name", listener.name());
      one.put("supportedKinds", List.of());
      listeners.add(one);
    }
    return listeners;
  }

  static Map<String, Object> conditions(Condition... conditions) {
    List<Object> list = new ArrayList<>();
    for (Condition condition : conditions) {
      list.add(condition.tree());
    }
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("conditions", list);
    return status;
  }
}
