package dev.kiri.local.demo;

import dev.kiri.local.api.Json;
import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;

/// The running example shop and what a user can do with it. Blocking; thread-safe.
final class Shop {
  private final LocalMesh mesh;
  private final Path manifests;

  /// @param manifests the folder the mesh watches
  Shop(LocalMesh mesh, Path manifests) {
    this.mesh = mesh;
    this.manifests = manifests;
  }

  LocalMesh mesh() {
    return mesh;
  }

  /// What a command inside a pod wrote, and its exit code.
  record Output(int code, String text) {}

  /// The name of a workload's pod.
  String pod(String namespace, String workload) {
    return mesh.objects("Pod", namespace).stream()
        .map(KubeObject::name)
        .filter(n -> n.equals(workload) || n.startsWith(workload + "-"))
        .findFirst()
        .orElseThrow(() -> new MeshException("the shop has no pod of " + workload));
  }

  Output run(String namespace, String workload, String... command) {
    return run(mesh.exec(namespace, pod(namespace, workload), "", List.of(command)));
  }

  static Output run(ProcessBuilder builder) {
    try {
      var process =
          builder.redirectErrorStream(true).redirectInput(Path.of("/dev/null").toFile()).start();
      var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Output(process.waitFor(), text.strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeshException("interrupted");
    }
  }

  /// What `curl` got, with the status in front: `200 {...}`; `000` when there was no answer.
  Output curl(String namespace, String workload, String... arguments) {
    var command = new ArrayList<>(List.of("curl", "-s", "-m", "3", "-w", "\n%{http_code}"));
    command.addAll(List.of(arguments));
    var output = run(namespace, workload, command.toArray(String[]::new));
    int line = output.text().lastIndexOf('\n');
    var status = output.text().substring(line + 1);
    return new Output(
        output.code(), status + " " + (line < 0 ? "" : output.text().substring(0, line)).strip());
  }

  /// The `version` of each JSON answer in a text of lines.
  static List<String> versions(String text) {
    return text.lines().map(Shop::version).flatMap(Optional::stream).toList();
  }

  static Optional<String> version(String line) {
    try {
      return line.startsWith("{")
          ? Optional.of(KubeObject.textIn(Json.object(line), "version"))
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /// The first line of a system pod's log, from some position, that fits; waited for a while.
  Optional<String> logLine(Path log, long from, Predicate<String> fits) {
    long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
    do {
      var found = lines(log, from).stream().filter(fits).findFirst();
      if (found.isPresent()) {
        return found;
      }
      pause(20);
    } while (System.nanoTime() < until);
    return Optional.empty();
  }

  private static List<String> lines(Path log, long from) {
    try {
      var bytes = Files.readAllBytes(log);
      int start = (int) Math.min(from, bytes.length);
      return new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  Path ztunnelLog(String node) {
    return mesh.state().log("istio-system", "ztunnel-" + node, "istio-proxy");
  }

  Path waypointLog() {
    return mesh.state().log("shop", pod("shop", "waypoint"), "istio-proxy");
  }

  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  /// Edits a manifest of the watched folder, as a user would.
  void edit(String file, String from, String to) {
    var path = manifests.resolve(file);
    try {
      var text = Files.readString(path);
      if (!text.contains(from)) {
        throw new MeshException(file + " does not say " + from);
      }
      Files.writeString(path, text.replace(from, to));
    } catch (IOException e) {
      throw new UncheckedIOException("editing " + path, e);
    }
  }

  /// Kills the processes of a pod as a crash would.
  void crash(String namespace, String pod) {
    mesh.call("crash", Map.of("namespace", namespace, "pod", pod), _ -> {});
  }

  static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeshException("interrupted");
    }
  }
}
