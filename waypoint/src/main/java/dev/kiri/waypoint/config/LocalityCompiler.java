package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.waypoint.config.v1.LocalitySetting;
import dev.kiri.waypoint.config.v1.Warmup;
import dev.kiri.waypoint.upstream.LocalityRules;
import dev.kiri.waypoint.upstream.LocalityRules.Area;
import dev.kiri.waypoint.upstream.Warmth;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Compiles what a DestinationRule says about where endpoints run, and since when. Pure.
final class LocalityCompiler {
  private LocalityCompiler() {}

  static LocalityRules compile(LocalitySetting setting, String field) {
    return new LocalityRules(
        setting.getOff(),
        setting.getDistributeList().stream()
            .map(
                each ->
                    new LocalityRules.Distribution(
                        Area.parse(each.getFrom()),
                        each.getSharesList().stream()
                            .map(s -> new LocalityRules.Share(Area.parse(s.getTo()), s.getWeight()))
                            .toList()))
            .toList(),
        Map.copyOf(setting.getFailoverMap()),
        priorities(setting.getPrioritiesList(), field + ".priorities"));
  }

  private static List<LoadBalancing.Scope> priorities(
      List<LocalitySetting.Scope> wire, String field) {
    return wire.stream()
        .map(
            scope ->
                switch (scope) {
                  case NETWORK -> LoadBalancing.Scope.NETWORK;
                  case REGION -> LoadBalancing.Scope.REGION;
                  case ZONE -> LoadBalancing.Scope.ZONE;
                  case SUBZONE -> LoadBalancing.Scope.SUBZONE;
                  case CLUSTER -> LoadBalancing.Scope.CLUSTER;
                  case NODE -> LoadBalancing.Scope.NODE;
                  case SCOPE_UNSPECIFIED, UNRECOGNIZED ->
                      throw new InvalidConfig(field, "no scope this proxy knows");
                })
        .toList();
  }

  static Warmth.Rules warmup(Warmup warmup, String field) {
    Duration window = ConnectionCompiler.duration(warmup.getWindow(), field + ".window");
    if (window.isZero() || !(warmup.getAggression() > 0)) {
      throw new InvalidConfig(field, "window and aggression must be above 0");
    }
    return new Warmth.Rules(window, warmup.getMinimumPercent() / 100, warmup.getAggression());
  }
}
