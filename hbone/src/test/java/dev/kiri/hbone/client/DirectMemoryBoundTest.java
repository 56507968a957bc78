package dev.kiri.hbone.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.transport.DirectMemory;
import dev.kiri.hbone.transport.Holders;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// Readers that stall on many tunnels at once hold more than a process may have: those that hold
/// most lose it, nobody meets the bound, and small exchanges go on.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
final class DirectMemoryBoundTest {
  private static final int STREAMS_A_TUNNEL = 4;
  private static final int STALLED = 40; // times 4 MiB, on ten tunnels
  private static final int EXCHANGES = 200;

  /// A process of its own, since its bound is the virtual machine's.
  @Test
  void readers_that_stall_on_many_tunnels_leave_memory_to_the_others() throws Exception {
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:MaxDirectMemorySize=64m",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Stalling.class.getName());
    var child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said;
    try (var out = child.getInputStream()) {
      said = new String(out.readAllBytes(), UTF_8);
    } finally {
      child.destroy();
    }

    assertThat(said)
        .contains("exchanges " + EXCHANGES)
        .doesNotContain("OutOfDirectMemoryError")
        .doesNotContain("OutOfMemoryError");
    assertThat(child.waitFor()).as(said).isZero();
  }

  /// The process: a pair of proxies, applications that stall and one that answers.
  static final class Stalling {
    private static final CountDownLatch OVER = new CountDownLatch(1);
    private static final AtomicLong WRITTEN = new AtomicLong();

    public static void main(String[] none) throws Exception {
      try (var application = EchoServer.running(Stalling::serve);
          var mesh =
              LoopbackMesh.to(
                  application.address(), Options.defaults().withMaxStreams(STREAMS_A_TUNNEL))) {
        var honest = connected(mesh.outbound());
        exchange(honest);
        for (int i = 0; i < STALLED; i++) {
          var flood = connected(mesh.outbound());
          Thread.ofPlatform().daemon().start(() -> flood(flood));
        }
        untilNothingMoves();
        int done = 0;
        for (int i = 0; i < EXCHANGES; i++) {
          exchange(honest); // one that was there before
          try (var another = connected(mesh.outbound())) {
            exchange(another);
          }
          done++;
        }
        System.out.println("exchanges " + done);
        System.out.println("given up " + Holders.givenUp());
        boolean bounded = DirectMemory.used() < DirectMemory.bound() / 8 * 7;
        System.out.println("used " + DirectMemory.used() + " of " + DirectMemory.bound());
        OVER.countDown();
        System.exit(bounded && Holders.givenUp() > 0 ? 0 : 1);
      }
    }

    private static Socket connected(InetSocketAddress to) throws IOException {
      var socket = new Socket(to.getAddress(), to.getPort());
      socket.setSoTimeout(30_000);
      return socket;
    }

    private static void serve(Socket socket) throws IOException {
      int first = socket.getInputStream().read();
      if (first == 's') {
        try {
          OVER.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return;
      }
      socket.getOutputStream().write(first);
      socket.getInputStream().transferTo(socket.getOutputStream());
    }

    private static void flood(Socket socket) {
      var chunk = new byte[64 << 10];
      chunk[0] = 's';
      try {
        while (true) {
          socket.getOutputStream().write(chunk);
          WRITTEN.addAndGet(chunk.length);
        }
      } catch (IOException reset) {
        // it held most
      }
    }

    private static void untilNothingMoves() {
      long before = -1;
      while (WRITTEN.get() != before) {
        before = WRITTEN.get();
        LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
      }
    }

    private static void exchange(Socket with) throws IOException {
      var message = new byte[1_024];
      with.getOutputStream().write(message);
      with.getInputStream().skipNBytes(message.length);
    }

    private Stalling() {}
  }
}
