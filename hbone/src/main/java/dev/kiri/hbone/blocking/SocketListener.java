package dev.kiri.hbone.blocking;

import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import java.io.IOException;

/// Serves each accepted request on a virtual thread of its own. Thread-safe. A subclass hears what
/// went wrong by overriding [#serviceFailed] and the other methods of [ConnectListener].
public class SocketListener implements ConnectListener {
  /// Decides about a request: 200 to accept, else the status to refuse with. Called on an event
  /// loop; must not block.
  @FunctionalInterface
  public interface Decision {
    int statusFor(IncomingConnect incoming);
  }

  /// Talks with one peer, blocking as it likes. The socket is closed when it returns.
  @FunctionalInterface
  public interface Service {
    void serve(HboneSocket socket) throws IOException;
  }

  private final Decision decision;
  private final Service service;

  public SocketListener(Decision decision, Service service) {
    this.decision = decision;
    this.service = service;
  }

  @Override
  public final void connect(IncomingConnect incoming) {
    int status = decision.statusFor(incoming);
    if (status != 200) {
      incoming.refuse(status);
      return;
    }
    var socket = HboneSocket.accept(incoming);
    Thread.ofVirtual().name("hbone-service").start(() -> serve(socket));
  }

  private void serve(HboneSocket socket) {
    try (socket) {
      service.serve(socket);
    } catch (IOException e) {
      serviceFailed(socket, e);
    }
  }

  /// The service gave up on a connection, which is closed afterwards. Called on its thread.
  protected void serviceFailed(HboneSocket socket, IOException failure) {}
}
