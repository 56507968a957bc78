package dev.kiri.hbone.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Peers that mean harm: what they are told (the code), what the log says (the reason), and what
/// they cost until then (the bound). The conformance kit plays the same against both engines over
/// both transports; here is what only the program behind the server can see.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class BadInputTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int FLOOD = 2_000_000; // more than sockets hold

  private final TestCa ca = TestCa.root("mesh");
  private final WorkloadCertificate client =
      ca.workload(LoopbackMesh.CLIENT.namespace(), LoopbackMesh.CLIENT.serviceAccount());
  private final WorkloadCertificate server =
      ca.workload(LoopbackMesh.SERVER.namespace(), LoopbackMesh.SERVER.serviceAccount());

  private LoopbackMesh mesh(EchoServer application, Options options) {
    return LoopbackMesh.between(application.address(), options, client, server);
  }

  private RawTunnel dial(LoopbackMesh mesh, int... settings) throws IOException {
    return RawTunnel.dial(mesh.tunnels(), client, LIMIT, settings);
  }

  private static HeaderList connect(EchoServer application) {
    return HeaderList.connect(Authority.of(application.address()).toString());
  }

  private static int opened(RawTunnel tunnel, EchoServer application) throws IOException {
    int stream = tunnel.open(connect(application));
    assertThat(tunnel.answer(stream).status()).isEqualTo("200");
    return stream;
  }

  /// Floods a tunnel with what `frames` makes of the number of an open stream.
  private void flood(IntFunction<Frame[]> frames, String kind) throws Exception {
    try (var application = EchoServer.echo();
        var mesh = mesh(application, Options.defaults());
        var tunnel = dial(mesh)) {
      int stream = opened(tunnel, application);
      var end = tunnel.ending();
      int sent = repeat(tunnel, frames.apply(stream));

      assertThat(end.get().goAway()).isEqualTo(H2Error.ENHANCE_YOUR_CALM);
      ends(mesh, "ENHANCE_YOUR_CALM: too many frames of kind " + kind);
      assertThat(sent).isLessThan(FLOOD); // it did not swallow all of it
    }
  }

  private static void ends(LoopbackMesh mesh, String reason) {
    await().until(() -> !mesh.tunnelEnds.isEmpty());
    assertThat(mesh.tunnelEnds).containsExactly(reason);
  }

  /// Sends until the peer has had enough; answers how often it did.
  private static int repeat(RawTunnel tunnel, Frame... frames) {
    for (int i = 0; i < FLOOD; i++) {
      try {
        tunnel.queue(frames);
      } catch (IOException closed) {
        return i;
      }
    }
    return FLOOD;
  }

  @Test
  void floods_end_the_tunnel_with_ENHANCE_YOUR_CALM_and_the_kind() throws Exception {
    flood(stream -> new Frame[] {Frame.empty(Frame.DATA, 0, stream)}, "EMPTY_DATA");
    flood(_ -> new Frame[] {Frame.settings(4, 65_536)}, "SETTINGS");
    flood(_ -> new Frame[] {Frame.ping(1)}, "PING");
    flood(_ -> new Frame[] {new Frame(Frame.GOAWAY, 0, 0, new byte[8])}, "GOAWAY");
    flood(_ -> new Frame[] {Frame.empty(0x42, 0, 0)}, "IGNORED");
    flood(_ -> new Frame[] {Frame.windowUpdate(0, 1)}, "TINY_WINDOW_UPDATE");
    flood(stream -> new Frame[] {Frame.windowUpdate(stream, 1)}, "TINY_WINDOW_UPDATE");
  }

  /// A socket closed at once would answer each of these with a reset, and whoever writes when that
  /// comes reads nothing any more.
  @ParameterizedTest
  @MethodSource("dev.kiri.hbone.testing.Variants#all")
  void a_peer_that_goes_on_sending_is_told_why_its_tunnel_ended(Options options) throws Exception {
    try (var application = EchoServer.echo();
        var mesh = mesh(application, options);
        var tunnel = dial(mesh)) {
      tunnel.send(Frame.windowUpdate(0, 0));
      await().until(() -> !mesh.tunnelEnds.isEmpty());
      for (int i = 0; i < 100; i++) {
        tunnel.send(Frame.ping(i));
      }

      assertThat(tunnel.untilEnd()).isEqualTo(new RawTunnel.End(H2Error.PROTOCOL_ERROR, "closed"));
    }
  }

  @Test
  void rapid_reset_reaches_the_program_a_bounded_number_of_times() throws Exception {
    try (var application = EchoServer.echo();
        var mesh = mesh(application, Options.defaults());
        var tunnel = dial(mesh)) {
      var end = tunnel.ending();
      var block = connect(application).block();
      try {
        for (int i = 0; i < FLOOD; i++) {
          int stream = tunnel.takeStream();
          tunnel.queue(
              new Frame(Frame.HEADERS, Frame.END_HEADERS, stream, block),
              Frame.reset(stream, H2Error.CANCEL));
        }
      } catch (IOException closed) {
        // the peer has had enough
      }

      assertThat(end.get().goAway()).isEqualTo(H2Error.ENHANCE_YOUR_CALM);
      ends(mesh, "ENHANCE_YOUR_CALM: too many frames of kind ABANDONED_REQUEST");
      assertThat(mesh.requests).hasSizeBetween(100, 1_000);
    }
  }

  @Test
  void CONTINUATION_without_end_is_stopped_before_it_is_a_request() throws Exception {
    try (var application = EchoServer.echo();
        var mesh = mesh(application, Options.defaults());
        var tunnel = dial(mesh)) {
      tunnel.send(new Frame(Frame.HEADERS, 0, 1, connect(application).block()));
      var end = tunnel.ending();
      repeat(tunnel, Frame.empty(Frame.CONTINUATION, 0, 1));

      assertThat(end.get().goAway()).isEqualTo(H2Error.ENHANCE_YOUR_CALM);
      ends(mesh, "ENHANCE_YOUR_CALM: header block in too many or too large frames");
      assertThat(mesh.requests).isEmpty();
    }
  }

  @Test
  void a_header_list_that_unfolds_to_a_megabyte_is_431_and_the_tunnel_stays() throws Exception {
    try (var application = EchoServer.echo();
        var mesh = mesh(application, Options.defaults());
        var tunnel = dial(mesh)) {
      // a new field of 3 900 bytes, then three hundred times "the newest field" (RFC 7541 6.2.1,
      // 6.1)
      var block = new ByteArrayOutputStream();
      block.writeBytes(connect(application).block());
      block.writeBytes(new byte[] {0x40, 1, 'x', 0x7f, (byte) (3_900 - 127 & 0x7f | 0x80), 29});
      block.writeBytes(new byte[3_900]);
      for (int i = 0; i < 300; i++) {
        block.write(0xbe);
      }

      int stream = tunnel.takeStream();
      tunnel.send(new Frame(Frame.HEADERS, Frame.END_HEADERS, stream, block.toByteArray()));

      assertThat(tunnel.answer(stream).status()).isEqualTo("431");
      assertThat(mesh.badRequests).containsExactly("431 header list too large");
      assertThat(mesh.requests).isEmpty();
      opened(tunnel, application);
    }
  }

  @Test
  void credit_beyond_what_a_window_may_hold_ends_the_tunnel_or_the_stream() throws Exception {
    try (var application = EchoServer.echo();
        var mesh = mesh(application, Options.defaults());
        var tunnel = dial(mesh)) {
      int stream = opened(tunnel, application);
      tunnel.send(
          Frame.windowUpdate(stream, Integer.MAX_VALUE),
          Frame.windowUpdate(stream, Integer.MAX_VALUE));
      var reset = tunnel.await(f -> f.stream() == stream && f.is(Frame.RST_STREAM));
      assertThat(reset.number(0, -1)).isEqualTo(H2Error.FLOW_CONTROL_ERROR);

      tunnel.send(
          Frame.windowUpdate(0, Integer.MAX_VALUE), Frame.windowUpdate(0, Integer.MAX_VALUE));
      assertThat(tunnel.untilEnd().goAway()).isEqualTo(H2Error.FLOW_CONTROL_ERROR);
      await().until(() -> !mesh.tunnelEnds.isEmpty());
      assertThat(mesh.tunnelEnds).singleElement().asString().startsWith("FLOW_CONTROL_ERROR: ");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_sender_that_ignores_its_window_is_stopped_at_the_window(Engine engine) throws Exception {
    var small = TunnelSettings.DEFAULT.withWindows(65_535, 1 << 20, 16_384);
    var over = new CountDownLatch(1);
    try (var application = EchoServer.running(socket -> stall(socket, over));
        var mesh =
            mesh(
                application,
                Options.defaults().with(small, small).with(engine, TunnelSettings.Records.DIRECT));
        var tunnel = dial(mesh)) {
      int stream = opened(tunnel, application);
      var end = tunnel.ending();
      var piece = Frame.data(stream, new byte[16_384]);
      for (int i = 0; i < 2_000; i++) {
        try {
          tunnel.queue(piece);
        } catch (IOException closed) {
          break;
        }
      }

      assertThat(end.get().goAway()).isEqualTo(H2Error.FLOW_CONTROL_ERROR);
      ends(mesh, "FLOW_CONTROL_ERROR: stream " + stream + " overran its window");
      // what its socket took, and one window more
      assertThat(mesh.bytesReceived.get()).isLessThan(32 << 20);
    } finally {
      over.countDown();
    }
  }

  private static void stall(Socket socket, CountDownLatch over) throws IOException {
    try {
      socket.getOutputStream().flush();
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_peer_that_stops_reading_stops_the_application_and_is_given_up_by_keep_alive(Engine engine)
      throws Exception {
    var impatient =
        TunnelSettings.DEFAULT.withTimes(
            Duration.ofMillis(500), Duration.ofMillis(1_000), Duration.ofMillis(400));
    try (var application =
            EchoServer.running(
                socket -> {
                  while (true) {
                    socket.getOutputStream().write(new byte[1 << 16]);
                  }
                });
        var mesh =
            mesh(
                application,
                Options.defaults()
                    .with(impatient, impatient)
                    .with(engine, TunnelSettings.Records.DIRECT));
        var tunnel = dial(mesh, 4, 1 << 30)) {
      tunnel.send(Frame.windowUpdate(0, 1 << 30));
      tunnel.open(connect(application)); // and not a byte is read from now on

      await().atMost(LIMIT).until(() -> !mesh.tunnelEnds.isEmpty());
      assertThat(mesh.tunnelEnds)
          .containsExactly("HBONE ping timeout/error, peer may have shutdown");
      // two sealed buffers, and what the sockets on the way hold
      assertThat(mesh.bytesSent.get()).isLessThan(32 << 20);
    }
  }

  @Test
  void an_honest_sender_of_single_bytes_is_never_closed_in_either_direction() throws Exception {
    int total = 60_000;
    try (var application = EchoServer.echo();
        var mesh = mesh(application, Options.defaults());
        var tunnel = dial(mesh)) {
      int stream = opened(tunnel, application);
      var writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < total; i++) {
                        tunnel.queue(Frame.data(stream, new byte[] {(byte) i}));
                      }
                      tunnel.send();
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      int back = 0;
      while (back < total) {
        var frame = tunnel.next();
        assertThat(List.of(Frame.GOAWAY, Frame.RST_STREAM)).doesNotContain(frame.type());
        int bytes = frame.is(Frame.DATA) ? frame.payload().length : 0;
        for (int i = 0; i < bytes; i++) {
          tunnel.queue(Frame.windowUpdate(stream, 1), Frame.windowUpdate(0, 1));
        }
        tunnel.send();
        back += bytes;
      }
      writer.join();

      assertThat(mesh.tunnelEnds).isEmpty();
    }
  }
}
