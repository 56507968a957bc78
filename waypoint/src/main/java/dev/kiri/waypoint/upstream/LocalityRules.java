package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.Locality;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a traffic policy says about where endpoints run (waypoint reference 14.4). Immutable.
///
/// @param off endpoints are chosen wherever they run, whatever the service says
/// @param distribute of which the first that is for the own place counts
/// @param failover from a region to the one that comes next
/// @param priorities what an endpoint should share with the proxy, most important first; none:
/// region,
///     zone and subzone
public record LocalityRules(
    boolean off,
    List<Distribution> distribute,
    Map<String, String> failover,
    List<LoadBalancing.Scope> priorities) {
  /// What holds where endpoints are left out for their failures and nothing else is said.
  static final LocalityRules DEFAULT = new LocalityRules(false, List.of(), Map.of(), List.of());

  /// Shares of the traffic from a place; the rest of the endpoints gets none.
  ///
  /// @param to in their order
  public record Distribution(Area from, List<Share> to) {}

  public record Share(Area area, int weight) {}

  /// A region, with or without zone and subzone.
  ///
  /// @param parts up to three; `*`, and what is not there, is anything
  public record Area(List<String> parts) {
    public static Area parse(String text) {
      return new Area(List.of(text.split("/", 3)));
    }

    boolean covers(Locality where) {
      List<String> has = List.of(where.region(), where.zone(), where.subzone());
      for (int i = 0; i < parts.size(); i++) {
        if (!parts.get(i).equals("*") && !parts.get(i).equals(has.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  @Nullable Distribution distribution(Locality here) {
    for (Distribution each : distribute) {
      if (each.from().covers(here)) {
        return each;
      }
    }
    return null;
  }

  /// How far away a place is: 0 is the nearest.
  int distance(Locality here, Locality where) {
    if (!where.region().equals(here.region())) {
      String next = failover.get(here.region());
      return next == null || next.equals(where.region()) ? 3 : 4;
    }
    if (!where.zone().equals(here.zone())) {
      return 2;
    }
    return where.subzone().equals(here.subzone()) ? 0 : 1;
  }
}
