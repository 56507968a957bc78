package dev.kiri.hbone.gates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What an idle connection keeps in memory at one end of a tunnel: a stream, a bridge, one socket.
@Timeout(60)
@ExtendWith(WithoutLeakDetection.class)
final class HeldStreamTest {
  private static final int CONNECTIONS = 500;
  private static final int LIMIT = 3_584;

  private final List<SocketChannel> held = new ArrayList<>();

  @Test
  void an_idle_stream_with_its_bridge_and_socket_keeps_at_most_3500_bytes() throws Exception {
    try (var app = ServerSocketChannel.open()) {
      app.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
      var options = Options.defaults();
      var wide =
          options
              .with(options.client(), options.server().withMaxStreams(2 * CONNECTIONS))
              .withMaxStreams(2 * CONNECTIONS);
      try (var mesh = LoopbackMesh.to((InetSocketAddress) app.getLocalAddress(), wide)) {
        hold(app, mesh.outbound(), 2 * CONNECTIONS / 10); // tables and caches have their size
        long before = memory();
        hold(app, app.getLocalAddress(), CONNECTIONS); // the test's own share
        long own = memory() - before;
        before = memory();
        hold(app, mesh.outbound(), CONNECTIONS);
        long withTunnel = memory() - before;

        assertThat((withTunnel - own) / (2 * CONNECTIONS)).isBetween(500L, (long) LIMIT);
        assertThat(mesh.tunnelsOpened).hasValue(1);
      }
    } finally {
      for (var channel : held) {
        channel.close();
      }
    }
  }

  /// Opens connections and exchanges a message in each direction of every one.
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

  /// Live heap and everything direct.
  private static long memory() {
    System.gc();
    System.gc();
    var runtime = Runtime.getRuntime();
    long heap = runtime.totalMemory() - runtime.freeMemory();
    long nio =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return heap + nio + Math.max(0, PlatformDependent.usedDirectMemory());
  }
}
