package dev.kiri.hbone.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bytes that pass through leave no garbage. Counted on the two loops, in bytes: nothing here
/// depends on time.
@Timeout(60)
final class GarbageTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int MESSAGE = 16_384;
  private static final int ROUNDS = 3_000;

  @Test
  void sixteen_kilobytes_through_a_tunnel_leave_at_most_64_bytes_an_operation() throws Exception {
    var level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(Level.DISABLED); // it allocates for every touch of a buffer
    try (var app = EchoServer.echo();
        var mesh = LoopbackMesh.to(app.address(), Options.defaults());
        var socket = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort())) {
      socket.setTcpNoDelay(true);
      exchange(socket, ROUNDS);
      long before = allocatedOnLoops();
      exchange(socket, ROUNDS);

      // a round is two times sending and two times receiving DATA
      long after = allocatedOnLoops();
      assertThat((after - before) / (4.0 * ROUNDS)).isBetween(0.0, 64.0);
      try (var another = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort())) {
        exchange(another, 1);
        assertThat(allocatedOnLoops()).as("a connection is seen").isGreaterThan(after + 1_000);
      }
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private static void exchange(Socket socket, int rounds) throws IOException {
    var message = new byte[MESSAGE];
    for (int i = 0; i < rounds; i++) {
      socket.getOutputStream().write(message);
      assertThat(socket.getInputStream().readNBytes(message, 0, MESSAGE)).isEqualTo(MESSAGE);
    }
  }

  private static long allocatedOnLoops() {
    long bytes = 0;
    int loops = 0;
    for (var thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("outbound-") || thread.getName().startsWith("inbound-")) {
        bytes += THREADS.getThreadAllocatedBytes(thread.threadId());
        loops++;
      }
    }
    assertThat(loops).isGreaterThanOrEqualTo(2);
    return bytes;
  }
}
