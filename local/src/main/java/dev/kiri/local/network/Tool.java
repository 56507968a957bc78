package dev.kiri.local.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Runs a program of the host system to its end. Blocking; safe from virtual threads.
public final class Tool {
  private Tool() {}

  /// Runs a command with a text as its input and returns its output.
  ///
  /// @throws ToolFailed with the command and everything it printed
  public static String run(String input, List<String> command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // ended before it read everything: its exit code and output say why
      }
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new ToolFailed(
            String.join(" ", command) + " ended with " + code + ": " + output.strip());
      }
      return output;
    } catch (IOException e) {
      throw new ToolFailed(String.join(" ", command) + " could not be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ToolFailed(String.join(" ", command) + " was interrupted");
    }
  }

  public static String run(List<String> command) {
    return run("", command);
  }

  /// Runs a command inside a network namespace named by a file.
  static String inside(NamespaceFile namespace, String input, String... command) {
    var line = new ArrayList<>(List.of("nsenter", "--net=" + namespace.path(), "--"));
    line.addAll(List.of(command));
    return run(input, line);
  }

  /// A program of the system did not do what was asked.
  public static final class ToolFailed extends RuntimeException {
    ToolFailed(String message) {
      super(message);
    }
  }
}
