package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.store.MeshSnapshot;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What all loops know together about endpoints: who is left out, and how much is under way where a
/// policy sets a bound. Thread-safe, without locks.
public final class ProcessState {
  /// Endpoints or groups that are remembered.
  private static final int MAX_KEPT = 4096;

  private final Map<Group, Load> loads = new ConcurrentHashMap<>();
  private final Map<Group, Warmth> warmths = new ConcurrentHashMap<>();
  private final Map<Target, Outlier> outliers = new ConcurrentHashMap<>();

  Load load(Group group) {
    Load known = loads.get(group);
    if (known == null) {
      if (loads.size() >= MAX_KEPT) {
        loads.values().removeIf(Load::isIdle);
      }
      known = loads.computeIfAbsent(group, _ -> new Load());
    }
    return known;
  }

  /// Since when the group's endpoints are there.
  Warmth warmth(Group group) {
    Warmth known = warmths.get(group);
    if (known == null) {
      if (warmths.size() >= MAX_KEPT) {
        warmths.clear(); // endpoints count as old then
      }
      known = warmths.computeIfAbsent(group, _ -> new Warmth());
    }
    return known;
  }

  Map<Target, Outlier> outliers() {
    return outliers;
  }

  /// Forgets endpoints that are gone.
  void forget(MeshSnapshot mesh) {
    outliers
        .keySet()
        .removeIf(
            target -> outliers.size() > MAX_KEPT || mesh.workload(target.workload().uid()) == null);
  }
}
