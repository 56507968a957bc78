package dev.kiri.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Our own load generator: the class path of this very program, in a JVM inside the pod.
final class Generator {
  private Generator() {}

  /// The command that runs it; the arguments are those of `dev.kiri.bench.load.LoadMain`.
  static List<String> command(String... arguments) {
    return java("dev.kiri.bench.load.LoadMain", arguments);
  }

  /// The command that runs a class of this program.
  static List<String> java(String main, String... arguments) {
    var image = System.getenv("KIRI_IMAGE");
    if (image == null) {
      throw new BenchFailed("KIRI_IMAGE is not set: start the benchmark as ./kiri bench");
    }
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + image + "/args/bench.args",
                main));
    command.addAll(List.of(arguments));
    return command;
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
