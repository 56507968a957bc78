package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.DestinationRuleObject.Distribution;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Locality;
import dev.kiri.controlplane.kinds.DestinationRuleObject.Warmup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads what a DestinationRule says about where endpoints run, and since when. Confined to one
/// document.
final class LocalityReader {
  /// Labels by which proxies know where they and others run.
  static final Set<String> TOPOLOGY =
      Set.of(
          "topology.istio.io/network",
          "topology.istio.io/cluster",
          "topology.istio.io/subzone",
          "topology.kubernetes.io/region",
          "topology.kubernetes.io/zone",
          "kubernetes.io/hostname");

  private final List<String> notHonoured = new ArrayList<>();

  List<String> notHonoured() {
    return notHonoured;
  }

  Locality locality(Fields fields) {
    boolean off = !fields.bool("enabled", true);
    List<Distribution> distribute = fields.list("distribute", LocalityReader::distribution);
    Map<String, String> failover = new HashMap<>();
    fields.list(
        "failover",
        each -> {
          String from = each.required("from");
          String to = each.required("to");
          if (!from.isEmpty() && from.equals(to)) {
            each.error("to", Fields.show(to), "another region than from");
          }
          failover.put(from, to);
          each.done();
          return from;
        });
    List<String> labels = fields.strings("failoverPriority");
    if (!distribute.isEmpty() && !(failover.isEmpty() && labels.isEmpty())) {
      fields.error("distribute", "distribute beside failover", "one of the two");
    }
    List<String> priorities = new ArrayList<>();
    for (String label : labels) {
      if (!TOPOLOGY.contains(label)) {
        notHonoured.add(fields.at("failoverPriority") + " from " + label + " on");
        break;
      }
      priorities.add(label);
    }
    fields.done();
    return new Locality(off, distribute, Map.copyOf(failover), List.copyOf(priorities));
  }

  private static Distribution distribution(Fields fields) {
    String from = fields.required("from");
    Fields to = fields.child("to");
    Map<String, Integer> shares = new TreeMap<>();
    for (String place : new TreeSet<>(to.unknown())) {
      shares.put(place, (int) to.number(place, 0, 0, 100));
    }
    int sum = shares.values().stream().mapToInt(Integer::intValue).sum();
    if (sum != 100) {
      fields.error("to", "shares that are " + sum + " together", "shares that are 100 together");
    }
    to.done();
    fields.ignore("to");
    fields.done();
    return new Distribution(from, shares);
  }

  /// Null without one.
  static @Nullable Warmup warmup(Fields holder) {
    Duration old = IstioFields.duration(holder, "warmupDurationSecs", false);
    if (!holder.has("warmup")) {
      return old == null ? null : new Warmup(old, 10, 1);
    }
    Fields fields = holder.child("warmup");
    if (old != null) {
      holder.error("warmupDurationSecs", "warmupDurationSecs beside warmup", "one of the two");
    }
    Duration window = IstioFields.duration(fields, "duration", false);
    if (window == null && !fields.has("duration")) {
      fields.required("duration");
    }
    double minimum = fields.decimal("minimumPercent", 10, 0, 100);
    double aggression = fields.decimal("aggression", 1, 1, 1000);
    fields.done();
    holder.ignore("warmup");
    return window == null ? null : new Warmup(window, minimum, aggression);
  }
}
