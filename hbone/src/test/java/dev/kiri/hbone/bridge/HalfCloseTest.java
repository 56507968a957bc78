package dev.kiri.hbone.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.tunnel.TunnelSettings;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// One direction over, the other one still busy: the case in which Netty's epoll transport loses
/// data, and a reader that does not read.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class HalfCloseTest {
  private static final int ANSWER = 2 << 20;

  private static Socket connect(LoopbackMesh mesh) throws IOException {
    var socket = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /// Reads all of the request, then answers with more than a socket buffer holds.
  private static EchoServer answering() {
    return EchoServer.running(
        socket -> {
          socket.getInputStream().readAllBytes();
          socket.getOutputStream().write(new byte[ANSWER]);
          socket.shutdownOutput();
        });
  }

  @Test
  void an_answer_after_the_end_of_the_request_arrives_whole_every_time() throws Exception {
    try (var app = answering();
        var mesh = LoopbackMesh.to(app.address(), Options.defaults());
        var pool = Executors.newFixedThreadPool(8)) {
      var answers = new ArrayList<Future<Integer>>();
      for (int i = 0; i < 100; i++) {
        answers.add(pool.submit((Callable<Integer>) () -> answer(mesh)));
      }

      for (var answer : answers) {
        assertThat(answer.get()).isEqualTo(ANSWER);
      }
      assertThat(mesh.bridgeErrors).isEmpty();
    }
  }

  private static int answer(LoopbackMesh mesh) throws IOException {
    try (var socket = connect(mesh)) {
      socket.getOutputStream().write(new byte[100]);
      socket.shutdownOutput();
      var buffer = new byte[8_192]; // small reads: the bridge's writes block again and again
      int total = 0;
      for (int n = 0; n >= 0; n = socket.getInputStream().read(buffer)) {
        total += n;
      }
      return total;
    }
  }

  @Test
  void a_server_that_speaks_first_and_closes_first_is_heard() throws Exception {
    try (var app = EchoServer.running(socket -> socket.getOutputStream().write(7));
        var mesh = LoopbackMesh.to(app.address(), Options.defaults());
        var socket = connect(mesh)) {
      assertThat(socket.getInputStream().readAllBytes()).containsExactly(7);
    }
  }

  @Test
  void a_reader_that_stalls_stops_its_sender_and_nobody_else() throws Exception {
    var endless =
        EchoServer.running(
            socket -> {
              if (socket.getInputStream().read() == 'm') {
                while (true) {
                  socket.getOutputStream().write(new byte[64 << 10]);
                }
              }
              socket.getOutputStream().write('k');
            });
    var small = TunnelSettings.DEFAULT.withWindows(1 << 20, 4 << 20, 1 << 20);
    try (endless;
        var mesh = LoopbackMesh.to(endless.address(), Options.defaults().with(small, small));
        var stalled = connect(mesh)) {
      stalled.getOutputStream().write('m');
      assertThat(stalled.getInputStream().read()).isEqualTo(0);

      for (int i = 0; i < 50; i++) {
        try (var other = connect(mesh)) {
          other.getOutputStream().write('x');
          assertThat(other.getInputStream().read()).isEqualTo('k');
        }
      }

      // two windows, the sockets' buffers and what was under way: not the whole stream
      assertThat(mesh.bytesReceived.get()).isLessThan(64 << 20);
      assertThat(mesh.tunnelsOpened.get()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void a_refused_connection_is_closed_and_the_tunnel_stays() throws Exception {
    var gone = EchoServer.echo();
    gone.close();
    try (var mesh = LoopbackMesh.to(gone.address(), Options.defaults())) {
      for (int i = 0; i < 3; i++) {
        try (var socket = connect(mesh)) {
          assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
      }

      assertThat(mesh.tunnelsOpened.get()).isEqualTo(1);
      assertThat(mesh.bridgeErrors.getFirst()).isEqualTo("http status: 503 Service Unavailable");
    }
  }
}
