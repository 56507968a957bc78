package dev.kiri.hbone.examples;

import dev.kiri.hbone.client.HboneClient;
import dev.kiri.hbone.client.HboneTarget;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.PemFiles;
import dev.kiri.hbone.identity.SpiffeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// Dials into a mesh without a proxy: says something, prints what comes back.
///
/// Arguments: key.pem chain.pem roots.pem HOST PORT SPIFFE-ID, the last three of the peer.
public final class DialExample {
  private DialExample() {}

  public static void main(String[] args) throws Exception {
    var files = new PemFiles(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
    var peer = new InetSocketAddress(args[3], Integer.parseInt(args[4]));
    System.out.println(talk(files, peer, SpiffeId.parse(args[5])));
  }

  static String talk(PemFiles files, InetSocketAddress peer, SpiffeId expected) throws IOException {
    var certificate = files.read();
    var target =
        new HboneTarget(peer, List.of(expected), ConnectRequest.to(Authority.parse("10.0.0.1:80")));
    try (var client = new HboneClient(() -> certificate);
        var socket = client.connect(target)) {
      socket.outputStream().write("how are you?".getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.inputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
