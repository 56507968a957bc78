package dev.kiri.waypoint.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that does to each connection what a script says, counted from 0.
public final class RawServer implements AutoCloseable {
  /// What happens to one connection; it is closed afterwards.
  @FunctionalInterface
  public interface Script {
    void run(Socket connection, int number) throws Exception;
  }

  /// Where bytes go that nobody looks at.
  public static final OutputStream NOWHERE = OutputStream.nullOutputStream();

  private final ServerSocket listener;
  private final AtomicInteger connections = new AtomicInteger();

  public RawServer(Script script) {
    this(InetAddress.getLoopbackAddress(), script);
  }

  public RawServer(InetAddress at, Script script) {
    try {
      listener = new ServerSocket(0, 50, at);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    Thread.ofVirtual().start(() -> accept(script));
  }

  private void accept(Script script) {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        int number = connections.getAndIncrement();
        Thread.ofVirtual().start(() -> run(script, socket, number));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void run(Script script, Socket socket, int number) {
    try (socket) {
      script.run(socket, number);
    } catch (Exception broken) {
      // the other side went away, which a script may be about
      return;
    }
  }

  /// Reads up to the empty line behind a head.
  public static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("ended within a head: " + head);
      }
      head.append((char) b);
    }
    return head.toString();
  }

  public static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  public int connections() {
    return connections.get();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
