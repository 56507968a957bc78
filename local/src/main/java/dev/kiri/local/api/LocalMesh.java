package dev.kiri.local.api;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A running local mesh, seen from outside: its objects, the inside of its pods, and their admin
/// ports.
///
/// Every method opens a connection of its own and blocks until the answer is there. Failures are
/// [MeshException]s with the
/// text the mesh gave.
public final class LocalMesh {
  private final MeshState state;

  private LocalMesh(MeshState state) {
    this.state = state;
  }

  /// The mesh of this name.
  ///
  /// @throws MeshException when it does not run
  public static LocalMesh find(String name) {
    var mesh = new LocalMesh(MeshState.of(name));
    if (!mesh.isRunning()) {
      throw new MeshException(
          "no mesh named "
              + name
              + " is running: start one with ./kiri up -f PATH"
              + (name.equals("kiri") ? "" : " --name " + name));
    }
    return mesh;
  }

  public MeshState state() {
    return state;
  }

  private boolean isRunning() {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(state.socket()));
    } catch (IOException e) {
      return false;
    }
  }

  /// The objects of a kind in a namespace; an empty namespace means all.
  public List<KubeObject> objects(String kind, String namespace) {
    var answer = call("get", Map.of("kind", kind, "namespace", namespace), _ -> {});
    return KubeObject.mapsOf(answer.get("items")).stream().map(KubeObject::of).toList();
  }

  public Optional<KubeObject> object(ObjectKey key) {
    return objects(key.kind(), key.namespace()).stream()
        .filter(o -> o.name().equals(key.name()))
        .findFirst();
  }

  /// Applies objects as `kubectl apply` would. Returns the warnings, one line each.
  public List<String> apply(List<KubeObject> objects) {
    var documents = new ArrayList<Object>();
    objects.forEach(o -> documents.add(o.fields()));
    return KubeObject.textsOf(call("apply", Map.of("objects", documents), _ -> {}).get("warnings"));
  }

  /// Deletes an object; false when there was none.
  public boolean delete(ObjectKey key) {
    var question =
        Map.<String, Object>of(
            "kind", key.kind(), "namespace", key.namespace(), "name", key.name());
    return Boolean.TRUE.equals(call("delete", question, _ -> {}).get("deleted"));
  }

  /// Sends an HTTP request to a port on the loopback address inside a pod, where admin servers
  /// listen.
  public HttpAnswer http(String namespace, String pod, int port, String method, String path) {
    var question =
        Map.<String, Object>of(
            "namespace", namespace, "pod", pod, "port", port, "method", method, "path", path);
    var answer = call("http", question, _ -> {});
    return new HttpAnswer(
        KubeObject.numberIn(answer, 0, "status"), KubeObject.textIn(answer, "body"));
  }

  /// What an HTTP server inside a pod answered.
  public record HttpAnswer(int status, String body) {}

  /// A process builder for a command inside a pod; streams and exit code pass through.
  public ProcessBuilder exec(String namespace, String pod, String container, List<String> command) {
    var question =
        Map.<String, Object>of("namespace", namespace, "pod", pod, "container", container);
    var answer = call("enter", question, _ -> {});
    var init =
        state
            .init()
            .orElseThrow(() -> new MeshException("mesh " + state.name() + " has just ended"));
    var line = new ArrayList<>(List.of("nsenter", "--target", Long.toString(init.pid())));
    if (Boolean.TRUE.equals(answer.get("rootless"))) {
      line.addAll(List.of("--user", "--preserve-credentials"));
    }
    line.addAll(List.of("--mount", "--net", "--pid", "--"));
    line.addAll(KubeObject.textsOf(answer.get("command")));
    line.addAll(command);
    return new ProcessBuilder(line);
  }

  /// Waits until every pod and proxy is ready and has the newest configuration.
  ///
  /// @param since when the wait began: the time spent until now is part of it
  /// @throws MeshException naming what is not ready when the time is over
  public void awaitReady(Duration timeout, Instant since, Consumer<String> progress) {
    long spent = Math.max(0, Duration.between(since, Instant.now()).toMillis());
    call("wait", Map.of("millis", timeout.toMillis(), "spent", spent), progress);
  }

  /// Asks anything the supervisor understands; see `dev.kiri.local.mesh.ApiServer` for the list.
  public Map<String, Object> call(
      String operation, Map<String, Object> arguments, Consumer<String> progress) {
    var question = new java.util.LinkedHashMap<String, Object>(arguments);
    question.put("op", operation);
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(state.socket()));
      write(channel, Json.line(question) + "\n");
      var reader =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        var answer = Json.object(line);
        if (answer.containsKey("error")) {
          throw new MeshException(KubeObject.textIn(answer, "error"));
        }
        if (answer.containsKey("result")) {
          return KubeObject.asMap(answer.get("result"));
        }
        progress.accept(KubeObject.textIn(answer, "progress"));
      }
      throw new MeshException("mesh " + state.name() + " ended before it answered");
    } catch (IOException e) {
      throw new MeshException(
          "mesh " + state.name() + " does not answer on " + state.socket() + ": " + e.getMessage(),
          e);
    }
  }

  private static void write(SocketChannel channel, String text) throws IOException {
    var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
