package dev.kiri.local.mesh;

import dev.kiri.local.api.MeshException;
import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.network.Relay;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// Connects published ports with services, from a node, as a node port would. A virtual thread for
/// each direction.
final class Dialer {
  private static final int CONNECT_MILLIS = 5000;

  private final ObjectStore store;
  private final InsideSockets sockets;
  private final NamespaceFile node;

  Dialer(ObjectStore store, InsideSockets sockets, NamespaceFile node) {
    this.store = store;
    this.sockets = sockets;
    this.node = node;
  }

  /// Joins a client with the service it asked for, and returns when both are done. The client is
  /// sent one byte when the connection is there.
  void join(KubeObject question, SocketChannel client) throws IOException {
    var key = question.text("namespace") + "/" + question.text("service");
    var service =
        store
            .get("Service", question.text("namespace"), question.text("service"))
            .orElseThrow(() -> new MeshException("there is no service " + key));
    var target =
        new InetSocketAddress(service.text("spec", "clusterIP"), question.number(0, "port"));
    try (var channel = sockets.stream(node)) {
      channel.socket().connect(target, CONNECT_MILLIS);
      client.write(ByteBuffer.wrap(new byte[] {'\n'}));
      Relay.join(client, channel);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
