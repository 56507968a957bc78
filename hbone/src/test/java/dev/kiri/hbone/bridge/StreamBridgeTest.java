package dev.kiri.hbone.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings.Records;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Bytes through two proxies on real sockets, with every pair of TLS engine and record layer.
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
final class StreamBridgeTest {

  static Stream<Options> variants() {
    var defaults = Options.defaults();
    return Stream.of(
        defaults.with(Engine.BORINGSSL, Records.DIRECT),
        defaults.with(Engine.BORINGSSL, Records.ENGINE),
        defaults.with(Engine.JDK, Records.ENGINE),
        defaults.with(NettyTransport.Kind.IO_URING),
        defaults.with(NettyTransport.Kind.NIO));
  }

  private static Socket connect(InetSocketAddress to) throws IOException {
    var socket = new Socket(to.getAddress(), to.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(10_000);
    return socket;
  }

  @ParameterizedTest
  @MethodSource("variants")
  void carries_a_small_request_and_its_answer(Options options) throws Exception {
    try (var app = EchoServer.echo();
        var mesh = LoopbackMesh.to(app.address(), options);
        var socket = connect(mesh.outbound())) {
      socket.getOutputStream().write("hello".getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readNBytes(5), UTF_8)).isEqualTo("hello");

      socket.shutdownOutput();

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void carries_megabytes_in_both_directions_unchanged(Options options) throws Exception {
    var sent = new byte[24 << 20];
    new Random(7).nextBytes(sent);
    try (var app = EchoServer.echo();
        var mesh = LoopbackMesh.to(app.address(), options);
        var socket = connect(mesh.outbound())) {
      var writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      socket.getOutputStream().write(sent);
                      socket.shutdownOutput();
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });

      var received = socket.getInputStream().readAllBytes();

      writer.join();
      assertThat(Arrays.equals(received, sent)).isTrue();
      assertThat(mesh.bridgeErrors).isEmpty();
    }
  }
}
