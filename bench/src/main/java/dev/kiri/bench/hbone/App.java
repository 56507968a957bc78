package dev.kiri.bench.hbone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/// An application on loopback, one thread a connection. Thread-safe; close it.
final class App implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /// What it does with a connection, which is closed afterwards.
  interface Conversation {
    void with(Socket socket) throws IOException;
  }

  App(Conversation conversation) throws IOException {
    Thread.ofVirtual().start(() -> accept(conversation));
  }

  /// Sends back what it gets.
  static App echoing() throws IOException {
    return new App(
        socket -> {
          socket.setTcpNoDelay(true);
          socket.getInputStream().transferTo(socket.getOutputStream());
        });
  }

  /// Takes whatever comes.
  static App swallowing() throws IOException {
    return new App(
        socket -> {
          var in = socket.getInputStream();
          var chunk = new byte[256 << 10];
          while (in.read(chunk) >= 0) {
            // gone
          }
        });
  }

  /// Reads nothing.
  static App stalling() throws IOException {
    return new App(
        _ -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void accept(Conversation conversation) {
    while (!listener.isClosed()) {
      try {
        var socket = listener.accept();
        sockets.add(socket);
        Thread.ofPlatform().daemon().start(() -> serve(socket, conversation));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket, Conversation conversation) {
    try (socket) {
      conversation.with(socket);
    } catch (IOException e) {
      // the other end went away
    }
    sockets.remove(socket);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /// Closes all connections that there are.
  void hangUp() throws IOException {
    for (var socket : sockets) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    hangUp();
  }
}
