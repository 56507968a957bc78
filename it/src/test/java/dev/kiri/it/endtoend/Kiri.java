package dev.kiri.it.endtoend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// The launcher as a user runs it, with the image that `./kiri test` built. Needs root, because a
/// build machine seldom lets others make namespaces.
///
/// @param environment added to this process's own
record Kiri(Map<String, String> environment) {
  private static final int LONGEST_MINUTES = 4;

  /// @param text what it wrote to standard output
  record Output(int code, String text) {}

  /// Skips the test, saying why, where meshes cannot be started.
  static void assumeThatMeshesCanRun() {
    assumeTrue(!launcher().isEmpty(), "KIRI_COMMAND is not set: run the tests by ./kiri test");
    assumeTrue(
        "root".equals(System.getProperty("user.name")), "the end-to-end tests need root: skipped");
  }

  static String launcher() {
    return Objects.requireNonNullElse(System.getenv("KIRI_COMMAND"), "");
  }

  /// The folder of examples beside the launcher.
  static String example(String name) {
    return Path.of(launcher()).resolveSibling("examples").resolve(name).toString();
  }

  Process start(String... arguments) throws IOException {
    var line = new ArrayList<>(List.of(launcher()));
    line.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(line)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return builder.start();
  }

  /// Runs a command to its end.
  Output run(String... arguments) throws IOException, InterruptedException {
    var process = start(arguments);
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException(List.of(arguments) + " did not end in " + LONGEST_MINUTES + " minutes");
    }
    return new Output(process.exitValue(), text);
  }
}
