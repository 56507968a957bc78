package dev.kiri.controlplane.status;

import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.RouteObject.ParentRef;
import dev.kiri.controlplane.waypointconfig.RouteResult;
import dev.kiri.controlplane.waypointconfig.Verdict;
import dev.kiri.controlplane.waypointconfig.WaypointClasses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Status of routes (gateway-api.md 14): one entry for each parent that is ours to judge, which
/// echoes the reference as it was written.
final class RouteStatus {
  private RouteStatus() {}

  static Map<String, Object> of(RouteObject route, RouteResult result) {
    long generation = route.meta().generation();
    List<Object> parents = new ArrayList<>();
    for (RouteResult.Parent parent : result.parents()) {
      List<Condition> conditions = new ArrayList<>();
      conditions.add(Condition.of("Accepted", parent.accepted(), generation));
      conditions.add(Condition.of("ResolvedRefs", parent.resolvedRefs(), generation));
      conditions.add(Condition.of("ResolvedWaypoints", parent.resolvedWaypoints(), generation));
      Verdict partial = parent.partiallyInvalid();
      if (partial != null) {
        conditions.add(Condition.of("PartiallyInvalid", partial, generation));
      }
      parents.add(entry(parent.reference(), conditions));
    }
    return parents.isEmpty() ? Map.of() : Map.of("parents", parents);
  }

  /// The status of a route that was refused as a whole.
  static Map<String, Object> refused(RouteObject attempt, String problem) {
    List<Object> parents = new ArrayList<>();
    for (ParentRef parent : attempt.parents()) {
      if (parent.isFrontend()) {
        parents.add(
            entry(
                parent,
                List.of(
                    Condition.no(
                        "Accepted", "UnsupportedValue", problem, attempt.meta().generation()))));
      }
    }
    return parents.isEmpty() ? Map.of() : Map.of("parents", parents);
  }

  private static Map<String, Object> entry(ParentRef reference, List<Condition> conditions) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.putAll(GatewayStatus.conditions(conditions.toArray(Condition[]::new)));
    entry.put("controllerName", WaypointClasses.CONTROLLER);
    Map<String, Object> echo = new LinkedHashMap<>();
    if (reference.groupWritten()) {
      echo.put("group", reference.group());
    }
    if (reference.kindWritten()) {
      echo.put("kind", reference.kind());
    }
    echo.put("name", reference.name());
    putIfWritten(echo, "namespace", reference.namespaceWritten());
    putIfWritten(echo, "sectionName", reference.sectionName());
    putIfWritten(echo, "port", reference.port());
    entry.put("parentRef", echo);
    return entry;
  }

  private static void putIfWritten(
      Map<String, Object> into, String key, @org.jspecify.annotations.Nullable Object value) {
    if (value != null) {
      into.put(key, value);
    }
  }
}
