package dev.kiri.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `./kiri`, whose meshes the benchmarks stand on, and the image it runs. Its output goes to
/// standard error: standard output is for the figures.
///
/// @param command the path of the launcher
record Launcher(String command) {

  /// The one that started this benchmark.
  static Launcher of(Map<String, String> environment) {
    return new Launcher(of(environment, "KIRI_COMMAND"));
  }

  /// The command that runs a class of the image, with the flags of a program of it.
  static List<String> java(String program, String main, String... arguments) {
    var line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + of(System.getenv(), "KIRI_IMAGE") + "/args/" + program + ".args",
                main));
    line.addAll(List.of(arguments));
    return line;
  }

  private static String of(Map<String, String> environment, String variable) {
    var value = environment.get(variable);
    if (value == null) {
      throw new BenchFailed(variable + " is not set: start the benchmark as ./kiri bench");
    }
    return value;
  }

  /// Runs a subcommand to its end.
  ///
  /// @param added to this process's environment
  /// @throws BenchFailed if it fails
  void run(Map<String, String> added, String... arguments) {
    var line = new ArrayList<>(List.of(command));
    line.addAll(List.of(arguments));
    try {
      var builder = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(added);
      var process = builder.start();
      process.getInputStream().transferTo(System.err);
      if (process.waitFor() != 0) {
        throw new BenchFailed(String.join(" ", line) + " ended with " + process.exitValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailed("interrupted");
    }
  }

  /// The same with `-f` and a file of these manifests behind it, which is gone afterwards.
  void run(Map<String, String> added, List<String> arguments, String manifests) {
    try {
      var file = Files.createTempFile("kiri-bench", ".yaml");
      try {
        Files.writeString(file, manifests);
        var line = new ArrayList<>(arguments);
        line.addAll(List.of("-f", file.toString()));
        run(added, line.toArray(String[]::new));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
