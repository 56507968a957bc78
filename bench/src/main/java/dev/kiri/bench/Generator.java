package dev.kiri.bench;

import dev.kiri.bench.load.LoadMain;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Our own load generator: the class path of this very program, in a JVM inside the pod.
final class Generator {
  private Generator() {}

  /// The command that runs it; the arguments are those of `dev.kiri.bench.load.LoadMain`.
  static List<String> command(String... arguments) {
    return Launcher.java("bench", LoadMain.class.getName(), arguments);
  }

  /// What it printed.
  ///
  /// @throws BenchFailed if the load met errors
  static JsonNode flawless(String printed, Load load) {
    var seen = json(printed);
    if (seen.path("errors").asLong() > 0) {
      throw new BenchFailed(load + " met errors: " + seen);
    }
    return seen;
  }

  static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  static String text(double number) {
    return number == Math.rint(number)
        ? Long.toString(Math.round(number))
        : String.format(Locale.ROOT, "%.3f", number);
  }
}
