package dev.kiri.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// The samples of a run, in the order their metrics first appeared. Confined to one thread.
final class Results {
  private final Map<String, Row> rows = new LinkedHashMap<>();

  /// One metric: a sample a block, for each variant that has it.
  private record Row(String unit, Map<Variant, List<Double>> samples) {}

  void add(String metric, Variant variant, String unit, double sample) {
    rows.computeIfAbsent(metric, _ -> new Row(unit, new LinkedHashMap<>()))
        .samples
        .computeIfAbsent(variant, _ -> new ArrayList<>())
        .add(sample);
  }

  /// One object a metric and variant. The ratio is the median of the ratios within each block.
  List<Map<String, Object>> objects() {
    var out = new ArrayList<Map<String, Object>>();
    rows.forEach(
        (metric, row) ->
            row.samples.forEach(
                (variant, samples) -> {
                  var object = new LinkedHashMap<String, Object>();
                  object.put("metric", metric);
                  object.put("variant", variant.text());
                  object.put("unit", row.unit);
                  object.put("samples", samples);
                  ratio(row, variant, Variant.DIRECT)
                      .ifPresent(ratio -> object.put("ratio_to_direct", ratio));
                  if (variant == ours()) {
                    ratio(row, variant, other())
                        .ifPresent(ratio -> object.put("ratio_to_peer", ratio));
                  }
                  out.add(object);
                }));
    return out;
  }

  /// A table; the columns of a peer are there when one was measured.
  String markdown() {
    var ours = ours();
    var other = other();
    boolean peer = has(other);
    var own = ours.text();
    var head = new ArrayList<>(List.of("Metric", "Unit", "direct", own, own + " / direct"));
    if (peer) {
      var its = other.text();
      head.addAll(List.of(its, its + " / direct", own + " / " + its));
    }
    var out = new StringBuilder(line(head)).append("|").repeat("---|", head.size()).append("\n");
    rows.forEach(
        (metric, row) -> {
          var cells = new ArrayList<>(List.of(metric, row.unit));
          cells.add(summary(row.samples.get(Variant.DIRECT)));
          cells.add(summary(row.samples.get(ours)));
          cells.add(text(ratio(row, ours, Variant.DIRECT)));
          if (peer) {
            cells.add(summary(row.samples.get(other)));
            cells.add(text(ratio(row, other, Variant.DIRECT)));
            cells.add(text(ratio(row, ours, other)));
          }
          out.append(line(cells));
        });
    return out.toString();
  }

  private Variant ours() {
    return has(Variant.WAYPOINT) ? Variant.WAYPOINT : Variant.MESH;
  }

  private Variant other() {
    return has(Variant.ENVOY) ? Variant.ENVOY : Variant.PEER;
  }

  private boolean has(Variant variant) {
    return rows.values().stream().anyMatch(row -> row.samples.containsKey(variant));
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String text(OptionalDouble ratio) {
    return ratio.isPresent() ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble()) : "";
  }

  /// `median (least-most)`.
  private static String summary(@org.jspecify.annotations.Nullable List<Double> samples) {
    if (samples == null) {
      return "";
    }
    var middle = number(median(samples));
    return samples.size() == 1
        ? middle
        : middle
            + " ("
            + number(Collections.min(samples))
            + "-"
            + number(Collections.max(samples))
            + ")";
  }

  private static String number(double value) {
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /// The median of the ratios within each block.
  private static OptionalDouble ratio(Row row, Variant variant, Variant base) {
    var below = row.samples.get(base);
    var own = row.samples.get(variant);
    if (variant == base || below == null || own == null) {
      return OptionalDouble.empty();
    }
    var ratios = new ArrayList<Double>();
    for (int i = 0; i < Math.min(below.size(), own.size()); i++) {
      ratios.add(own.get(i) / below.get(i));
    }
    return OptionalDouble.of(median(ratios));
  }

  static double median(List<Double> samples) {
    var sorted = samples.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
