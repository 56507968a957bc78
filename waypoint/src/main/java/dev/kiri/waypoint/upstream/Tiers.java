package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Endpoints in groups: the nearest first, each next one taking what those before cannot, or each
/// with its share (waypoint reference 14.4). Pure.
///
/// @param byShare whether weights count, not the order
record Tiers(List<Tier> tiers, boolean byShare) {
  /// Of a group with fewer healthy endpoints than this share's inverse part goes to the next
  /// (Envoy's overprovisioning factor).
  private static final double OVERPROVISIONING = 1.4;

  record Tier(List<Target> targets, int weight) {}

  private static Tiers one(List<Target> targets) {
    return new Tiers(List.of(new Tier(targets, 1)), false);
  }

  /// @param rules what the policy says; null: nothing
  /// @param failsOver whether the policy leaves endpoints out for their failures
  static Tiers of(
      List<Target> targets,
      LoadBalancing balancing,
      @Nullable LocalityRules rules,
      boolean failsOver,
      Place here) {
    if (rules != null && rules.off()) {
      return one(targets);
    }
    LocalityRules.Distribution shares =
        rules == null || here.locality().isUnknown() ? null : rules.distribution(here.locality());
    if (shares != null) {
      return shared(targets, shares);
    }
    if (rules != null) {
      return failsOver ? near(targets, rules, here) : one(targets);
    }
    List<Scope> wanted = balancing.preferences();
    if (balancing.mode() == Mode.STRICT && !wanted.isEmpty()) {
      return one(
          targets.stream()
              .filter(target -> rank(wanted, target.workload(), here) == wanted.size())
              .toList());
    }
    if (balancing.mode() == Mode.FAILOVER && !wanted.isEmpty()) {
      return ordered(targets, target -> -rank(wanted, target.workload(), here));
    }
    return failsOver ? near(targets, LocalityRules.DEFAULT, here) : one(targets);
  }

  private static Tiers near(List<Target> targets, LocalityRules rules, Place here) {
    List<Scope> wanted = rules.priorities();
    if (!wanted.isEmpty()) {
      return ordered(targets, target -> -rank(wanted, target.workload(), here));
    }
    return here.locality().isUnknown()
        ? one(targets)
        : ordered(targets, target -> rules.distance(here.locality(), target.workload().locality()));
  }

  private static Tiers ordered(List<Target> targets, ToIntFunction<Target> distance) {
    TreeMap<Integer, List<Target>> groups = new TreeMap<>();
    for (Target target : targets) {
      groups.computeIfAbsent(distance.applyAsInt(target), _ -> new ArrayList<>()).add(target);
    }
    return groups.size() < 2
        ? one(targets)
        : new Tiers(
            groups.values().stream().map(group -> new Tier(List.copyOf(group), 1)).toList(), false);
  }

  private static Tiers shared(List<Target> targets, LocalityRules.Distribution shares) {
    List<Target> left = new ArrayList<>(targets);
    List<Tier> tiers = new ArrayList<>();
    for (LocalityRules.Share share : shares.to()) {
      List<Target> group =
          left.stream().filter(t -> share.area().covers(t.workload().locality())).toList();
      left.removeAll(group);
      if (!group.isEmpty()) {
        tiers.add(new Tier(group, share.weight()));
      }
    }
    return new Tiers(tiers, true);
  }

  /// How many preferences hold, counted from the most important one until the first that does not.
  private static int rank(List<Scope> preferences, Workload workload, Place here) {
    int rank = 0;
    for (Scope scope : preferences) {
      if (!shared(scope, workload, here)) {
        break;
      }
      rank++;
    }
    return rank;
  }

  private static boolean shared(Scope scope, Workload workload, Place here) {
    return switch (scope) {
      case REGION -> workload.locality().region().equals(here.locality().region());
      case ZONE -> workload.locality().zone().equals(here.locality().zone());
      case SUBZONE -> workload.locality().subzone().equals(here.locality().subzone());
      case NODE -> workload.node().equals(here.node());
      case CLUSTER -> workload.clusterId().equals(here.cluster());
      case NETWORK -> workload.network().equals(here.network());
    };
  }

  /// All of them.
  List<Target> all() {
    return tiers.size() == 1
        ? tiers.getFirst().targets()
        : tiers.stream().flatMap(tier -> tier.targets().stream()).toList();
  }

  /// The endpoints to choose among; empty when there are none.
  ///
  /// @param healthy takes away what is left out
  /// @param point in [0, 1), which group is meant where several may be
  List<Target> pick(UnaryOperator<List<Target>> healthy, double point) {
    if (tiers.size() == 1) {
      return healthy.apply(tiers.getFirst().targets());
    }
    List<List<Target>> left = new ArrayList<>();
    double[] loads = new double[tiers.size()];
    double sum = 0;
    for (int i = 0; i < loads.length; i++) {
      Tier tier = tiers.get(i);
      List<Target> well = healthy.apply(tier.targets());
      left.add(well);
      double able = Math.min(1, OVERPROVISIONING * well.size() / tier.targets().size());
      loads[i] = byShare ? able * tier.weight() : Math.min(able, Math.max(0, 1 - sum));
      sum += loads[i];
    }
    double at = point * sum;
    for (int i = 0; i < loads.length; i++) {
      at -= loads[i];
      if (at < 0) {
        return left.get(i);
      }
    }
    return List.of();
  }
}
