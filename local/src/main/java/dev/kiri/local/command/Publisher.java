package dev.kiri.local.command;

import dev.kiri.local.api.Json;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.api.MeshState;
import dev.kiri.local.image.Programs;
import dev.kiri.local.machine.MachineFacts.RefusedPort;
import dev.kiri.local.network.Relay;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Makes services reachable on ports of this machine: a program outside the mesh's namespaces that
/// hands each connection through the mesh's socket. It ends with the mesh.
public final class Publisher {
  private static final int LOOK_MILLIS = 200;

  private Publisher() {}

  /// What would fail later: the ports that this machine does not give.
  ///
  /// @throws NotUnderstood where a text is no published port, or one port is given twice
  static List<RefusedPort> refused(List<String> published) {
    var taken = new HashSet<String>();
    var out = new ArrayList<RefusedPort>();
    for (var text : published) {
      var wanted = Published.parse(text);
      if (!taken.add(wanted.address() + " " + wanted.port())) {
        throw new NotUnderstood("--publish " + text + ": that port is published already");
      }
      try (var attempt = ServerSocketChannel.open()) {
        attempt.bind(new InetSocketAddress(wanted.address(), wanted.port()));
      } catch (IOException e) {
        out.add(
            new RefusedPort(text, wanted.address(), wanted.port(), String.valueOf(e.getMessage())));
      }
    }
    return out;
  }

  static void startAll(MeshState state, List<String> published) {
    if (published.isEmpty()) {
      return;
    }
    var program = new ArrayList<>(Programs.of(System.getenv()).own(Publisher.class));
    program.addAll(List.of(state.name(), state.folder().toString()));
    program.addAll(published);
    try {
      new ProcessBuilder(MeshState.recording(state.publisherFile(), program))
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectErrorStream(true)
          .redirectOutput(state.folder().resolve("publisher.log").toFile())
          .start();
    } catch (IOException e) {
      throw new MeshException("the published ports could not be opened: " + e.getMessage(), e);
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    var state = new MeshState(args[0], Path.of(args[1]));
    for (var text : List.of(args).subList(2, args.length)) {
      var published = Published.parse(text);
      var listener = ServerSocketChannel.open();
      listener.bind(new InetSocketAddress(published.address(), published.port()));
      Thread.ofVirtual().name("publish " + text).start(() -> accept(listener, state, published));
    }
    while (state.process().isPresent()) {
      Thread.sleep(LOOK_MILLIS);
    }
    System.exit(0);
  }

  private static void accept(ServerSocketChannel listener, MeshState state, Published published) {
    while (listener.isOpen()) {
      try {
        var client = listener.accept();
        Thread.ofVirtual().name("published").start(() -> lead(client, state, published));
      } catch (IOException e) {
        System.err.println(published + ": " + e.getMessage());
      }
    }
  }

  private static void lead(SocketChannel client, MeshState state, Published published) {
    try (client;
        var mesh = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      mesh.connect(UnixDomainSocketAddress.of(state.socket()));
      var question =
          Map.of(
              "op",
              "dial",
              "namespace",
              published.namespace(),
              "service",
              published.service(),
              "port",
              published.servicePort());
      mesh.write(ByteBuffer.wrap((Json.line(question) + "\n").getBytes(StandardCharsets.UTF_8)));
      if (mesh.read(ByteBuffer.allocate(1)) != 1) {
        return;
      }
      Relay.join(client, mesh);
    } catch (IOException e) {
      System.err.println(published + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
