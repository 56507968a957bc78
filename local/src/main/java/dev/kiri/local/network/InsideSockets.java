package dev.kiri.local.network;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.LinuxException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Opens sockets inside the namespaces of nodes and pods, for probes, name servers and admin
/// requests. One platform thread goes in and comes back; callers may be virtual threads.
public final class InsideSockets implements AutoCloseable {
  private final ExecutorService traveller =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("namespaces").factory());
  private final HomeNetns home;

  public InsideSockets() {
    try {
      home = HomeNetns.ofThisThread();
      SocketChannel.open().close(); // loads the socket library at home
      DatagramChannel.open(StandardProtocolFamily.INET).close();
    } catch (LinuxException e) {
      throw new IllegalStateException("opening our own network namespace", e);
    } catch (IOException e) {
      throw new IllegalStateException("opening a socket", e);
    }
  }

  /// An unconnected TCP socket.
  public SocketChannel stream(NamespaceFile namespace) throws IOException {
    return inside(namespace, SocketChannel::open);
  }

  /// An unbound IPv4 datagram socket.
  public DatagramChannel datagram(NamespaceFile namespace) throws IOException {
    return inside(namespace, () -> DatagramChannel.open(StandardProtocolFamily.INET));
  }

  /// An unbound listening socket.
  public ServerSocketChannel listener(NamespaceFile namespace) throws IOException {
    return inside(namespace, ServerSocketChannel::open);
  }

  private <T> T inside(NamespaceFile namespace, Callable<T> open) throws IOException {
    var made =
        traveller.submit(
            () -> {
              try (var netns = PodNetns.open(namespace.path(), home)) {
                return netns.<T, Exception>inside(open::call);
              }
            });
    try {
      return made.get();
    } catch (ExecutionException e) {
      throw new IOException("opening a socket in " + namespace.path(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while opening a socket in " + namespace.path(), e);
    }
  }

  @Override
  public void close() {
    traveller.shutdownNow();
  }
}
