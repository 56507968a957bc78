package dev.kiri.hbone.gates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Bytes that pass through leave no garbage. Counted on the two loops, in bytes: nothing here
/// depends on time.
@Timeout(60)
@ExtendWith(WithoutLeakDetection.class)
final class DataTest {
  private static final int MESSAGE = 16_384;
  private static final int ROUNDS = 3_000;

  @Test
  void sixteen_kilobytes_through_a_tunnel_leave_at_most_64_bytes_an_operation() throws Exception {
    try (var app = EchoServer.echo();
        var mesh = LoopbackMesh.to(app.address(), Options.defaults());
        var socket = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort())) {
      socket.setTcpNoDelay(true);
      exchange(socket, ROUNDS);
      var loops = Allocations.of("outbound-", "inbound-");
      long before = loops.bytes();
      exchange(socket, ROUNDS);

      // a round is two times sending and two times receiving DATA
      long after = loops.bytes();
      assertThat((after - before) / (4.0 * ROUNDS)).isBetween(0.0, 64.0);
      try (var another = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort())) {
        exchange(another, 1);
        assertThat(loops.bytes()).as("a connection is seen").isGreaterThan(after + 1_000);
      }
    }
  }

  private static void exchange(Socket socket, int rounds) throws IOException {
    var message = new byte[MESSAGE];
    for (int i = 0; i < rounds; i++) {
      socket.getOutputStream().write(message);
      assertThat(socket.getInputStream().readNBytes(message, 0, MESSAGE)).isEqualTo(MESSAGE);
    }
  }
}
