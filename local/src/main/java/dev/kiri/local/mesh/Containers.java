package dev.kiri.local.mesh;

import dev.kiri.local.image.ImageUse;
import dev.kiri.local.image.Images;
import dev.kiri.local.image.Programs;
import dev.kiri.local.pod.ContainerLauncher;
import dev.kiri.local.pod.ProcessContainer;
import dev.kiri.local.pod.RunningContainer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Starts containers by what their image means. Thread-safe.
final class Containers implements ContainerLauncher {
  private final Programs programs;
  private final ContainerLauncher echo;
  private final Map<String, String> settings;

  /// @param settings see [MeshOptions]
  Containers(Programs programs, ContainerLauncher echo, Map<String, String> settings) {
    this.programs = programs;
    this.echo = echo;
    this.settings = settings;
  }

  @Override
  public RunningContainer start(Start start) throws IOException {
    var spec = start.container();
    var words = spec.command().isEmpty() ? List.<String>of() : spec.command();
    return switch (Images.use(spec.image(), !words.isEmpty())) {
      case ImageUse.Echo _ -> echo.start(start);
      case ImageUse.Idle _ -> new Idle();
      case ImageUse.Program(var name) -> program(name, start);
      case ImageUse.Command _ -> {
        var command = expanded(words, start);
        command.addAll(expanded(spec.args(), start));
        yield ProcessContainer.start(
            start.enter(), command, spec.workingDir(), start.environment(), start.log());
      }
      case ImageUse.Unknown unknown -> throw new IOException(unknown.message());
    };
  }

  private RunningContainer program(String name, Start start) throws IOException {
    var environment = new LinkedHashMap<>(start.environment());
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(name + ".")) {
            environment.put(key.substring(name.length() + 1), value);
          } else if (!key.contains(".")) {
            environment.put(key, value);
          }
        });
    var command =
        new ArrayList<>(programs.command(name, environment.getOrDefault("NODE_NAME", "")));
    command.addAll(expanded(start.container().args(), start));
    return ProcessContainer.start(start.enter(), command, "/", environment, start.log());
  }

  private static List<String> expanded(List<String> words, Start start) {
    return new ArrayList<>(words.stream().map(w -> start.expand(w)).toList());
  }

  /// A container without a process of its own.
  private static final class Idle implements RunningContainer {
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();

    @Override
    public CompletableFuture<Integer> exit() {
      return exit;
    }

    @Override
    public void stop(Duration grace) {
      exit.complete(0);
    }
  }
}
