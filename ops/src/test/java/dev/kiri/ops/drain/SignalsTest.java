package dev.kiri.ops.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Signals to a process of its own, which says what it does.
class SignalsTest {
  /// Drains for as many seconds as its argument says.
  static final class Draining {
    public static void main(String[] arguments) throws InterruptedException {
      int seconds = Integer.parseInt(arguments[0]);
      var drain = Drain.onSignals(Duration.ofSeconds(60));
      drain.step(
          "part",
          deadline -> {
            System.out.println("draining");
            return CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS));
          });
      System.out.println("ready");
      System.exit(drain.awaitAndRun());
    }
  }

  @Test
  void a_signal_ends_a_process_in_order() throws Exception {
    var process = start(0);
    try (var lines = process.inputReader()) {
      awaitLine(lines, "ready");
      process.toHandle().destroy();

      awaitLine(lines, "draining");
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void a_second_signal_ends_a_process_that_still_drains() throws Exception {
    var process = start(50);
    try (var lines = process.inputReader()) {
      awaitLine(lines, "ready");
      process.toHandle().destroy();
      awaitLine(lines, "draining");
      process.toHandle().destroy();

      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(int seconds) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Draining.class.getName(),
            String.valueOf(seconds))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void awaitLine(BufferedReader lines, String expected) throws IOException {
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals(expected)) {
        return;
      }
    }
    throw new IOException("ended before it said " + expected);
  }
}
