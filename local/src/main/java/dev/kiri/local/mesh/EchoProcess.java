package dev.kiri.local.mesh;

import dev.kiri.local.api.Json;
import dev.kiri.local.api.MeshState;
import dev.kiri.local.echo.EchoHost;
import dev.kiri.local.image.Programs;
import dev.kiri.local.pod.ContainerLauncher;
import dev.kiri.local.pod.RunningContainer;
import dev.kiri.local.store.KubeObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one process that plays all `kiri.dev/echo` containers. It is started with the first of them,
/// and again when it was lost; its containers end with it and are restarted. Thread-safe.
final class EchoProcess implements ContainerLauncher {
  private static final Logger log = LoggerFactory.getLogger("echo");
  private static final int START_SECONDS = 60;

  private final Programs programs;
  private final MeshState state;
  private final Map<String, Echo> echoes = new ConcurrentHashMap<>();
  private @Nullable Process process;
  private @Nullable BufferedWriter orders;

  EchoProcess(Programs programs, MeshState state) {
    this.programs = programs;
    this.state = state;
  }

  @Override
  public RunningContainer start(Start start) throws IOException {
    var id = start.pod().uid() + "/" + start.container().name() + "/" + System.nanoTime();
    var echo = new Echo(id);
    echoes.put(id, echo);
    var ports =
        start.container().ports().stream()
            .filter(p -> p.protocol().equals("TCP"))
            .map(p -> Map.of("number", p.number(), "name", p.name()))
            .toList();
    var pod = new LinkedHashMap<String, Object>();
    pod.put("do", "start");
    pod.put("id", id);
    pod.put("netns", start.netns().toString());
    pod.put("log", start.log().toString());
    pod.put("pod", start.pod().name());
    pod.put("namespace", start.pod().namespace());
    pod.put("node", start.pod().text("spec", "nodeName"));
    pod.put("version", start.pod().labels().getOrDefault("version", ""));
    pod.put("ports", ports);
    try {
      order(pod);
      echo.started.get(START_SECONDS, TimeUnit.SECONDS);
      return echo;
    } catch (ExecutionException e) {
      echoes.remove(id);
      throw new IOException(
          String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()), e);
    } catch (TimeoutException e) {
      echoes.remove(id);
      throw new IOException("the echo process did not answer in " + START_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private synchronized void order(Map<String, Object> order) throws IOException {
    if (process == null || !process.isAlive()) {
      launch();
    }
    var out = java.util.Objects.requireNonNull(orders);
    out.write(Json.line(order));
    out.newLine();
    out.flush();
  }

  private void launch() throws IOException {
    var started =
        new ProcessBuilder(programs.own(EchoHost.class))
            .redirectError(
                ProcessBuilder.Redirect.appendTo(state.folder().resolve("echo.log").toFile()))
            .start();
    process = started;
    orders =
        new BufferedWriter(
            new OutputStreamWriter(started.getOutputStream(), StandardCharsets.UTF_8));
    Thread.ofVirtual().name("echo").start(() -> listen(started));
  }

  private void listen(Process started) {
    try (var in =
        new BufferedReader(
            new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        var answer = Json.object(line);
        var echo = echoes.get(KubeObject.textIn(answer, "id"));
        if (echo != null) {
          echo.answered(KubeObject.textIn(answer, "error"));
        }
      }
    } catch (IOException e) {
      log.warn("the echo process was lost: {}", e.getMessage());
    }
    var lost = new HashMap<>(echoes);
    lost.forEach(
        (id, echo) -> {
          echoes.remove(id);
          echo.answered("the echo process ended");
          echo.exit.complete(137);
        });
  }

  /// One container of the echo process.
  private final class Echo implements RunningContainer {
    private final String id;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();

    Echo(String id) {
      this.id = id;
    }

    void answered(String error) {
      if (error.isEmpty()) {
        started.complete(null);
      } else {
        started.completeExceptionally(new IOException(error));
      }
    }

    @Override
    public CompletableFuture<Integer> exit() {
      return exit;
    }

    @Override
    public void stop(Duration grace) {
      try {
        order(Map.of("do", "stop", "id", id));
      } catch (IOException e) {
        log.debug("the echo process is gone already: {}", e.getMessage());
      }
      echoes.remove(id);
      exit.complete(0);
    }
  }
}
