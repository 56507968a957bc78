package dev.kiri.local.mesh;

import dev.kiri.local.api.Json;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.api.MeshState;
import dev.kiri.local.store.KubeObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Answers commands on the Unix socket in the state folder: one JSON line in, JSON lines of
/// progress out, and one with `result` or `error` at the end. A virtual thread per connection.
final class ApiServer {
  private static final Logger log = LoggerFactory.getLogger("api");

  private final MeshState state;
  private final Operations operations;
  private final Dialer dialer;

  ApiServer(MeshState state, Operations operations, Dialer dialer) {
    this.state = state;
    this.operations = operations;
    this.dialer = dialer;
  }

  /// Serves until the process ends.
  void serve() {
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(state.socket()));
      while (true) {
        var client = listener.accept();
        Thread.ofVirtual().name("command").start(() -> converse(client));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("listening on " + state.socket(), e);
    }
  }

  private void converse(SocketChannel client) {
    try (client;
        var in =
            new BufferedReader(
                new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8));
        var out =
            new BufferedWriter(
                new OutputStreamWriter(Channels.newOutputStream(client), StandardCharsets.UTF_8))) {
      var line = in.readLine();
      if (line != null && line.contains("\"op\":\"dial\"")) {
        dialer.join(KubeObject.of(Json.object(line)), client);
      } else if (line != null) {
        say(out, answer(line, out));
      }
    } catch (IOException | MeshException e) {
      log.debug("a command went away: {}", e.getMessage());
    }
  }

  private Map<String, Object> answer(String line, BufferedWriter out) {
    try {
      var question = KubeObject.of(Json.object(line));
      return Map.of("result", operations.run(question, text -> say(out, Map.of("progress", text))));
    } catch (MeshException | JacksonException | UncheckedIOException e) {
      return Map.of("error", String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      log.warn("a command failed: {}", line, e);
      return Map.of("error", e.toString());
    }
  }

  private static void say(BufferedWriter out, Map<String, Object> answer) {
    try {
      out.write(Json.line(answer));
      out.newLine();
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("answering a command", e);
    }
  }
}
