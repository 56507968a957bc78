package dev.kiri.waypoint.upstream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Since when endpoints of a group are there: a new one gets less for a while (waypoint reference
/// 14.2). The first ones are not new. Thread-safe.
public final class Warmth {
  private static final long LONG_AGO = Long.MAX_VALUE / 4;

  private final Map<Target, Long> since = new ConcurrentHashMap<>();
  private volatile boolean begun;

  /// @param minimum the smallest share, of 1
  /// @param aggression above 1 it grows faster at first
  public record Rules(Duration window, double minimum, double aggression) {}

  /// These are the endpoints now.
  void seen(List<Target> targets, long now) {
    for (Target target : targets) {
      since.putIfAbsent(target, begun ? now : now - LONG_AGO);
    }
    if (since.size() > targets.size()) {
      since.keySet().retainAll(targets);
    }
    begun = true;
  }

  /// It was left out and is back.
  void back(Target target, long at) {
    since.computeIfPresent(target, (_, before) -> at - before > 0 ? at : before);
  }

  /// The share of its weight that an endpoint has now.
  double share(Target target, Rules rules, long now) {
    Long began = since.get(target);
    double window = rules.window().toNanos();
    double age = began == null ? window : Math.max((double) (now - began), 1e9);
    return age >= window
        ? 1
        : Math.max(rules.minimum(), Math.pow(age / window, 1 / rules.aggression()));
  }
}
