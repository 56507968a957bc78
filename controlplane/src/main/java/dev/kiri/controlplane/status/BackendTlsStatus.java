package dev.kiri.controlplane.status;

import dev.kiri.controlplane.kinds.BackendTlsPolicyObject;
import dev.kiri.controlplane.waypointconfig.BackendTlsResult;
import dev.kiri.controlplane.waypointconfig.Verdict;
import dev.kiri.controlplane.waypointconfig.WaypointClasses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Status of BackendTLSPolicies (gateway-api.md 11.1): one entry for each target, which is its own
/// ancestor, as in upstream's mesh.
final class BackendTlsStatus {
  private BackendTlsStatus() {}

  static @Nullable Map<String, Object> of(
      BackendTlsPolicyObject policy, @Nullable BackendTlsResult result) {
    if (result == null) {
      return null;
    }
    long generation = policy.meta().generation();
    List<Object> ancestors = new ArrayList<>();
    for (BackendTlsResult.Ancestor ancestor : result.ancestors()) {
      List<Condition> conditions = new ArrayList<>();
      conditions.add(Condition.of("Accepted", ancestor.accepted(), generation));
      Verdict resolved = ancestor.resolvedRefs();
      if (resolved != null) {
        conditions.add(Condition.of("ResolvedRefs", resolved, generation));
      }
      Map<String, Object> reference = new LinkedHashMap<>();
      reference.put("group", ancestor.target().group());
      reference.put("kind", ancestor.target().kind());
      reference.put("name", ancestor.target().name());
      if (!ancestor.target().section().isEmpty()) {
        reference.put("sectionName", ancestor.target().section());
      }
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("ancestorRef", reference);
      entry.putAll(GatewayStatus.conditions(conditions.toArray(Condition[]::new)));
      entry.put("controllerName", WaypointClasses.CONTROLLER);
      ancestors.add(entry);
    }
    return Map.of("ancestors", ancestors);
  }
}
