package dev.kiri.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// A load that goes on inside a pod while something else is measured. Confined to one thread.
final class UnderWay implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  UnderWay(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /// The next line it prints.
  ///
  /// @throws BenchFailed if it ended instead
  String line() {
    try {
      var line = output.readLine();
      if (line == null) {
        throw new BenchFailed("a load ended before it had said anything");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads on until a line contains `part`.
  ///
  /// @throws BenchFailed if it ended before
  void awaitLine(String part) {
    var line = line();
    while (!line.contains(part)) {
      line = line();
    }
  }

  /// Ends its standard input, which is how it is told to stop.
  void stop() {
    try {
      process.getOutputStream().close();
    } catch (IOException gone) {
      // it has stopped by itself
    }
  }

  @Override
  public void close() {
    stop();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
