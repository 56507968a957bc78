package dev.kiri.local.pod;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A container that is a process of this machine inside the pod's namespaces. Thread-safe.
public final class ProcessContainer implements RunningContainer {
  private final Process process;
  private final CompletableFuture<Integer> exit;

  private ProcessContainer(Process process) {
    this.process = process;
    this.exit = process.onExit().thenApply(Process::exitValue);
  }

  /// Starts a command; its output is added to the log.
  public static ProcessContainer start(
      List<String> enter,
      List<String> command,
      String workingDir,
      Map<String, String> environment,
      Path log)
      throws IOException {
    var line = new ArrayList<>(enter);
    if (!workingDir.isEmpty()) {
      line.addAll(List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", workingDir));
    }
    line.addAll(command);
    var builder =
        new ProcessBuilder(line)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new ProcessContainer(builder.start());
  }

  @Override
  public CompletableFuture<Integer> exit() {
    return exit;
  }

  @Override
  public void stop(Duration grace) {
    if (grace.isZero()) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    try {
      if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
