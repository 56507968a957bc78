package dev.kiri.hbone.examples;

import dev.kiri.hbone.blocking.HboneSocket;
import dev.kiri.hbone.blocking.SocketListener;
import dev.kiri.hbone.identity.PemFiles;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Serves inside a mesh without a proxy: greets every peer by its identity, then echoes.
///
/// Arguments: key.pem chain.pem roots.pem PORT (15008 in a mesh). Runs until it is stopped.
public final class ServeExample {
  private ServeExample() {}

  public static void main(String[] args) throws Exception {
    var files = new PemFiles(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
    try (var server = serve(files, new InetSocketAddress(Integer.parseInt(args[3])))) {
      System.out.println("listening on " + server.address());
      Thread.currentThread().join();
    }
  }

  static ListeningServer serve(PemFiles files, InetSocketAddress address) throws IOException {
    var certificate = files.read();
    // what an AuthorizationPolicy would say: only this namespace may come in
    var listener =
        new SocketListener(
            incoming -> {
              var peer = incoming.peer().identity();
              return peer != null && peer.namespace().equals("default") ? 200 : 401;
            },
            ServeExample::greetAndEcho);
    return ListeningServer.bind(address, () -> certificate, ListenSettings.defaults(), listener);
  }

  private static void greetAndEcho(HboneSocket socket) throws IOException {
    var greeting = "hello " + socket.peer().identity() + "\n";
    socket.outputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
    socket.inputStream().transferTo(socket.outputStream());
    socket.shutdownOutput();
  }
}
