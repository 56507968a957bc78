package dev.kiri.bench.hbone;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/// What an idle connection keeps at one end: a stream, a bridge, one socket. Heap after a
/// collection and direct memory; the applications' own sockets are measured without a tunnel and
/// taken off.
final class HeldStreams {
  private static final int CONNECTIONS = 1_000;
  private static final double LIMIT_BYTES = 3_584;

  private final List<SocketChannel> held = new ArrayList<>();

  static Figure measure() throws IOException {
    return new HeldStreams().perEnd();
  }

  private Figure perEnd() throws IOException {
    try (var app = ServerSocketChannel.open();
        var ends = new Ends(Ends.dialler(), 2 * CONNECTIONS)) {
      app.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
      var address = (InetSocketAddress) app.getLocalAddress();
      var proxy = ends.proxyTo(address);
      hold(app, proxy, CONNECTIONS / 5); // tables and caches have their size
      long before = memory();
      hold(app, address, CONNECTIONS);
      long own = memory() - before;
      before = memory();
      hold(app, proxy, CONNECTIONS);
      double bytes = (memory() - before - own) / (2.0 * CONNECTIONS);
      return Figure.limited("idle stream, bridge and socket", "bytes held", bytes, LIMIT_BYTES);
    } finally {
      for (var channel : held) {
        channel.close();
      }
    }
  }

  /// Opens connections and passes a message in each direction.
  private void hold(ServerSocketChannel app, SocketAddress to, int connections) throws IOException {
    var message = ByteBuffer.allocateDirect(64);
    for (int i = 0; i < connections; i++) {
      var client = SocketChannel.open(to);
      var accepted = app.accept();
      held.add(client);
      held.add(accepted);
      pass(message, client, accepted);
      pass(message, accepted, client);
    }
  }

  private static void pass(ByteBuffer message, SocketChannel from, SocketChannel to)
      throws IOException {
    message.clear();
    from.write(message);
    message.clear();
    while (message.hasRemaining()) {
      to.read(message);
    }
  }

  private static long memory() {
    System.gc();
    System.gc();
    var runtime = Runtime.getRuntime();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return runtime.totalMemory()
        - runtime.freeMemory()
        + direct
        + Math.max(0, PlatformDependent.usedDirectMemory());
  }
}
