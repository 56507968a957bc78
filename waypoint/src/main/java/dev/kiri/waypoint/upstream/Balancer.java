package dev.kiri.waypoint.upstream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/// Which of several endpoints gets the next request (waypoint reference 14.1). Confined to one
/// loop, whose own requests it counts.
final class Balancer {
  private final RandomGenerator random;
  private final Map<Group, Map<Target, Double>> turns = new HashMap<>();
  private final Map<Target, Integer> active = new HashMap<>();

  Balancer(RandomGenerator random) {
    this.random = random;
  }

  /// @param targets at least one
  Target choose(
      TrafficPolicy.Balancing balancing,
      Group group,
      List<Target> targets,
      ToDoubleFunction<Target> weight) {
    return switch (balancing) {
      case RANDOM -> targets.get(random.nextInt(targets.size()));
      case ROUND_ROBIN -> turn(group, targets, weight);
      case LEAST_REQUEST -> {
        Target one = draw(targets, weight);
        Target other = draw(targets, weight);
        yield load(other, weight) < load(one, weight) ? other : one;
      }
    };
  }

  private Target draw(List<Target> targets, ToDoubleFunction<Target> weight) {
    double total = 0;
    for (Target target : targets) {
      total += weight.applyAsDouble(target);
    }
    double point = random.nextDouble() * total;
    for (Target target : targets) {
      point -= weight.applyAsDouble(target);
      if (point < 0) {
        return target;
      }
    }
    return targets.getLast();
  }

  /// Everybody's credit grows by its weight; the highest is chosen and pays the sum. The first turn
  /// is anybody's, so that loops and replicas do not go in step.
  private Target turn(Group group, List<Target> targets, ToDoubleFunction<Target> weight) {
    Map<Target, Double> credits =
        turns.computeIfAbsent(
            group,
            _ -> {
              Map<Target, Double> first = new HashMap<>();
              targets.forEach(target -> first.put(target, random.nextDouble() * 1e-3));
              return first;
            });
    if (credits.size() > 2 * targets.size()) {
      credits.keySet().retainAll(targets);
    }
    double total = 0;
    double highest = Double.NEGATIVE_INFINITY;
    Target best = targets.getFirst();
    for (Target target : targets) {
      double own = weight.applyAsDouble(target);
      total += own;
      double credit = credits.merge(target, own, Double::sum);
      if (credit > highest) {
        highest = credit;
        best = target;
      }
    }
    double sum = total;
    credits.computeIfPresent(best, (_, credit) -> credit - sum);
    return best;
  }

  private double load(Target target, ToDoubleFunction<Target> weight) {
    return active.getOrDefault(target, 0) / weight.applyAsDouble(target);
  }

  void started(Target target) {
    active.merge(target, 1, Integer::sum);
  }

  void finished(Target target) {
    active.computeIfPresent(target, (_, count) -> count <= 1 ? null : count - 1);
  }

  /// The endpoints may be others now.
  void forget() {
    turns.clear();
  }

  /// A workload's capacity; at least 1.
  static double capacity(Target target) {
    return Math.max(1, Integer.toUnsignedLong(target.workload().capacity()));
  }
}
