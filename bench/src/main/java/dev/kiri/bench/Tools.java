package dev.kiri.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The programs that make load and serve it, as Debian packages them.
final class Tools {
  private record Tool(String program, String packageName, String versionFlag) {}

  private static final List<Tool> TOOLS =
      List.of(
          new Tool("iperf3", "iperf3", "--version"),
          new Tool("wrk", "wrk", "--version"),
          new Tool("nginx", "nginx-light", "-v"));

  private Tools() {}

  /// Their versions.
  ///
  /// @throws BenchFailed naming the command that installs what is missing
  static Map<String, String> versions() {
    var versions = new LinkedHashMap<String, String>();
    var missing = new ArrayList<String>();
    for (var tool : TOOLS) {
      try {
        versions.put(tool.program(), firstLine(tool.program(), tool.versionFlag()));
      } catch (IOException e) {
        missing.add(tool.packageName());
      }
    }
    if (!missing.isEmpty()) {
      throw new BenchFailed(
          "the benchmark needs "
              + String.join(", ", missing)
              + "; to install: apt-get install -y --no-install-recommends "
              + String.join(" ", missing));
    }
    return versions;
  }

  /// What an executable says of itself.
  ///
  /// @throws BenchFailed if it cannot be run
  static String version(Path executable) {
    try {
      return firstLine(executable.toAbsolutePath().toString(), "--version");
    } catch (IOException e) {
      throw new BenchFailed(executable + " cannot be run: " + e.getMessage());
    }
  }

  /// The first line that is not empty.
  private static String firstLine(String program, String flag) throws IOException {
    var process = new ProcessBuilder(program, flag).redirectErrorStream(true).start();
    try (var output = process.inputReader(StandardCharsets.UTF_8)) {
      var line = output.readLine();
      while (line != null && line.isBlank()) {
        line = output.readLine();
      }
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return line == null ? "" : line.strip();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailed("interrupted");
    }
  }
}
