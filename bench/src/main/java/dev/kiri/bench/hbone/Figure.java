package dev.kiri.bench.hbone;

import java.util.Locale;
import java.util.OptionalDouble;

/// One measured value, and the limit that it must not exceed if there is one. Immutable.
record Figure(String name, String unit, double value, OptionalDouble limit) {

  static Figure limited(String name, String unit, double value, double limit) {
    return new Figure(name, unit, value, OptionalDouble.of(limit));
  }

  static Figure plain(String name, String unit, double value) {
    return new Figure(name, unit, value, OptionalDouble.empty());
  }

  boolean kept() {
    return limit.isEmpty() || value <= limit.getAsDouble();
  }

  /// A row of a table.
  String row() {
    return "| %s | %s | %s | %s |%n"
        .formatted(
            name,
            unit,
            text(value),
            limit.isPresent() ? text(limit.getAsDouble()) + (kept() ? "" : " **exceeded**") : "");
  }

  private static String text(double value) {
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
