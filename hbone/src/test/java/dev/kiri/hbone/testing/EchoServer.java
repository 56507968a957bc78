package dev.kiri.hbone.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// An application with blocking sockets, one virtual thread a connection.
public final class EchoServer implements AutoCloseable {

  /// What to do with a connection; it is closed afterwards.
  @FunctionalInterface
  public interface Conversation {
    void with(Socket socket) throws IOException;
  }

  private final ServerSocket listener;
  private final Thread acceptor;

  /// Sends everything back; half-closes when the peer has.
  public static EchoServer echo() {
    return running(
        socket -> {
          socket.getInputStream().transferTo(socket.getOutputStream());
          socket.shutdownOutput();
        });
  }

  public static EchoServer running(Conversation conversation) {
    try {
      return new EchoServer(
          new ServerSocket(0, 512, InetAddress.getLoopbackAddress()), conversation);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private EchoServer(ServerSocket listener, Conversation conversation) {
    this.listener = listener;
    this.acceptor = Thread.ofVirtual().start(() -> accept(conversation));
  }

  private void accept(Conversation conversation) {
    while (!listener.isClosed()) {
      try {
        var socket = listener.accept();
        Thread.ofVirtual()
            .start(
                () -> {
                  try (socket) {
                    conversation.with(socket);
                  } catch (IOException e) {
                    // the peer went away: what the test asserts is on its own side
                  }
                });
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /// Returns when the port refuses: the kernel goes on listening until a pending accept has left.
  @Override
  public void close() {
    try {
      listener.close();
      acceptor.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
