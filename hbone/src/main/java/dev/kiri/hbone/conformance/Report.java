package dev.kiri.hbone.conformance;

import java.util.List;

/// What an examination found, as text or JSON. Immutable.
record Report(List<Line> lines) {

  record Line(WireCase<?> of, Outcome outcome) {
    String verdict() {
      return switch (outcome) {
        case Outcome.Passed _ -> "passed";
        case Outcome.Failed _ -> "failed";
        case Outcome.Skipped _ -> "skipped";
      };
    }
  }

  boolean clean() {
    return lines.stream().noneMatch(line -> line.outcome() instanceof Outcome.Failed);
  }

  private long count(String verdict) {
    return lines.stream().filter(line -> line.verdict().equals(verdict)).count();
  }

  static String text(Line line) {
    return "%-7s  %-4s %s%n%15sexpected  %s%n%15sobserved  %s%n"
        .formatted(
            line.verdict(),
            line.of().id(),
            line.of().title(),
            "",
            line.of().expected(),
            "",
            line.outcome().observed());
  }

  String summary() {
    return "%d cases: %d passed, %d failed, %d skipped%n"
        .formatted(lines.size(), count("passed"), count("failed"), count("skipped"));
  }

  String json() {
    var out = new StringBuilder("[");
    for (var line : lines) {
      out.append(out.length() == 1 ? "\n" : ",\n").append("  {");
      field(out, "id", line.of().id()).append(", ");
      field(out, "title", line.of().title()).append(", ");
      field(out, "result", line.verdict()).append(", ");
      field(out, "expected", line.of().expected()).append(", ");
      field(out, "observed", line.outcome().observed()).append('}');
    }
    return out.append("\n]\n").toString();
  }

  private static StringBuilder field(StringBuilder out, String name, String value) {
    out.append('"').append(name).append("\": \"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x20) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        if (c == '"' || c == '\\') {
          out.append('\\');
        }
        out.append(c);
      }
    }
    return out.append('"');
  }
}
