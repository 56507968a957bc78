package dev.kiri.hbone.bridge;

import static java.nio.charset.StandardCharsets.US_ASCII;
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
import dev.kiri.hbone.transport.NettyTransport.Kind;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an event on one side of a bridge is on the other one: row by row, with frames made by hand
/// on the stream's side and a real socket on the application's (the mapping of istio/ztunnel
/// `src/copy.rs` and `src/proxy/h2.rs`).
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class StreamMappingTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final TestCa ca = TestCa.root("mesh");
  private final WorkloadCertificate client =
      ca.workload(LoopbackMesh.CLIENT.namespace(), LoopbackMesh.CLIENT.serviceAccount());
  private final WorkloadCertificate server =
      ca.workload(LoopbackMesh.SERVER.namespace(), LoopbackMesh.SERVER.serviceAccount());

  /// One stream, with the frames of its tunnel on one side and the application on the other.
  private final class Joined implements AutoCloseable {
    private final EchoServer application;
    private final LoopbackMesh mesh;
    private final RawTunnel tunnel;
    private final int stream;

    Joined(Kind transport, EchoServer.Conversation with) throws IOException {
      application = EchoServer.running(with);
      var options = Options.defaults().with(transport);
      mesh = LoopbackMesh.between(application.address(), options, client, server);
      tunnel = RawTunnel.dial(mesh.tunnels(), client, LIMIT);
      stream = open();
    }

    int open() throws IOException {
      int opened = tunnel.open(HeaderList.connect(Authority.of(application.address()).toString()));
      assertThat(tunnel.answer(opened).status()).isEqualTo("200");
      return opened;
    }

    void send(Frame... frames) throws IOException {
      tunnel.send(frames);
    }

    Frame next(Predicate<Frame> wanted) throws IOException {
      return tunnel.await(frame -> frame.stream() == stream && wanted.test(frame));
    }

    /// The next frame of the stream that is not about credit.
    Frame next() throws IOException {
      return next(frame -> frame.is(Frame.DATA) || frame.is(Frame.RST_STREAM));
    }

    @Override
    public void close() {
      tunnel.close();
      mesh.close();
      application.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void bytes_are_DATA_and_DATA_is_bytes_and_empty_DATA_is_nothing(Kind transport) throws Exception {
    try (var joined =
        new Joined(
            transport, socket -> socket.getInputStream().transferTo(socket.getOutputStream()))) {
      joined.send(
          Frame.empty(Frame.DATA, 0, joined.stream),
          Frame.data(joined.stream, "hello".getBytes(US_ASCII)),
          Frame.empty(Frame.DATA, 0, joined.stream));

      assertThat(new String(joined.tunnel.read(joined.stream, 5), US_ASCII)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void FIN_of_the_application_is_END_STREAM_behind_its_bytes_and_the_other_direction_goes_on(
      Kind transport) throws Exception {
    var heard = new CompletableFuture<String>();
    try (var joined =
        new Joined(
            transport,
            socket -> {
              socket.getOutputStream().write("last".getBytes(US_ASCII));
              socket.shutdownOutput();
              heard.complete(new String(socket.getInputStream().readAllBytes(), US_ASCII));
            })) {
      assertThat(new String(joined.tunnel.read(joined.stream, 4), US_ASCII)).isEqualTo("last");
      var end = joined.next();
      assertThat(end.is(Frame.DATA) && end.has(Frame.END_STREAM)).isTrue();

      joined.send(
          Frame.data(joined.stream, "still ".getBytes(US_ASCII)),
          Frame.data(joined.stream, "here".getBytes(US_ASCII)),
          Frame.endOf(joined.stream));

      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("still here");
      assertThat(joined.mesh.bridgeErrors).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void RST_of_the_application_is_RST_STREAM_CONNECT_ERROR_behind_its_bytes(Kind transport)
      throws Exception {
    try (var joined =
        new Joined(
            transport,
            socket -> {
              socket.getOutputStream().write("last".getBytes(US_ASCII));
              socket.getInputStream().read();
              resetting(socket);
            })) {
      assertThat(new String(joined.tunnel.read(joined.stream, 4), US_ASCII)).isEqualTo("last");
      joined.send(Frame.data(joined.stream, new byte[] {1}));

      var reset = joined.next();

      assertThat(reset.is(Frame.RST_STREAM)).isTrue();
      assertThat(reset.number(0, -1)).isEqualTo(H2Error.CONNECT_ERROR);
      assertThat(joined.mesh.bridgeErrors).isEmpty();
    }
  }

  /// The close that follows sends RST.
  private static void resetting(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void RST_of_either_application_is_RST_for_the_other_one(Kind transport) throws Exception {
    var serverHeard = new CompletableFuture<String>();
    try (var application =
            EchoServer.running(
                socket -> {
                  if (socket.getInputStream().read() == 'r') {
                    resetting(socket);
                  } else {
                    untilEnd(socket, serverHeard);
                  }
                });
        var mesh =
            LoopbackMesh.between(
                application.address(), Options.defaults().with(transport), client, this.server)) {
      var heard = new CompletableFuture<String>();
      try (var socket = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort())) {
        socket.getOutputStream().write('r');
        untilEnd(socket, heard);
      }
      assertThat(heard.join()).isEqualTo("RST");

      try (var socket = new Socket(mesh.outbound().getAddress(), mesh.outbound().getPort())) {
        socket.getOutputStream().write('w');
        await().until(() -> mesh.bytesReceived.get() == 2); // by both applications' bridges
        resetting(socket);
      }
      assertThat(serverHeard.get(20, TimeUnit.SECONDS)).isEqualTo("RST");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void END_STREAM_is_FIN_and_the_other_direction_goes_on(Kind transport) throws Exception {
    try (var joined =
        new Joined(
            transport,
            socket -> {
              int bytes = socket.getInputStream().readAllBytes().length;
              socket.getOutputStream().write(("got " + bytes).getBytes(US_ASCII));
            })) {
      joined.send(Frame.data(joined.stream, new byte[3]), Frame.endOf(joined.stream));

      assertThat(new String(joined.tunnel.read(joined.stream, 5), US_ASCII)).isEqualTo("got 3");
      assertThat(joined.next().has(Frame.END_STREAM)).isTrue();
    }
  }

  /// What the application reads until its end: FIN, not RST.
  private static void untilEnd(Socket socket, CompletableFuture<String> heard) {
    try {
      heard.complete("FIN after " + socket.getInputStream().readAllBytes().length);
    } catch (IOException e) {
      heard.complete("RST");
    }
  }

  private void resetIs(Kind transport, int code, String end, String error) throws Exception {
    var heard = new CompletableFuture<String>();
    try (var joined = new Joined(transport, socket -> untilEnd(socket, heard))) {
      joined.send(Frame.data(joined.stream, new byte[5]), Frame.reset(joined.stream, code));

      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo(end);
      if (error.isEmpty()) {
        joined.open(); // whose turn comes after what the reset leads to
        assertThat(joined.mesh.bridgeErrors).isEmpty();
      } else {
        await().until(() -> !joined.mesh.bridgeErrors.isEmpty());
        assertThat(joined.mesh.bridgeErrors).containsExactly(error);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void RST_STREAM_with_NO_ERROR_CANCEL_or_STREAM_CLOSED_is_FIN(Kind transport) throws Exception {
    resetIs(transport, H2Error.NO_ERROR, "FIN after 5", "");
    resetIs(transport, H2Error.CANCEL, "FIN after 5", "");
    resetIs(transport, H2Error.STREAM_CLOSED, "FIN after 5", "");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void RST_STREAM_with_another_code_is_RST_and_an_error(Kind transport) throws Exception {
    resetIs(
        transport,
        H2Error.CONNECT_ERROR, // the peer's application sent RST (RFC 9113 8.5)
        "RST",
        "receive: io error: stream error received: CONNECT_ERROR");
    resetIs(
        transport,
        H2Error.INTERNAL_ERROR,
        "RST",
        "receive: io error: stream error received: INTERNAL_ERROR");
    resetIs(
        transport,
        H2Error.ENHANCE_YOUR_CALM,
        "RST",
        "receive: io error: stream error received: ENHANCE_YOUR_CALM");
  }

  /// As Envoy ends a stream whose inner connection it closes.
  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_reset_right_behind_END_STREAM_is_FIN_behind_every_byte_though_the_reader_is_slow(
      Kind transport) throws Exception {
    int bytes = 4 << 20; // a stream's window: more than its socket takes
    for (int code : new int[] {H2Error.NO_ERROR, H2Error.INTERNAL_ERROR, H2Error.CONNECT_ERROR}) {
      var heard = new CompletableFuture<String>();
      var sent = new CountDownLatch(1);
      try (var joined =
          new Joined(
              transport,
              socket -> {
                awaitQuietly(sent);
                untilEnd(socket, heard);
              })) {
        joined.send(
            Frame.data(joined.stream, new byte[bytes / 4]),
            Frame.data(joined.stream, new byte[bytes / 4]),
            Frame.data(joined.stream, new byte[bytes / 4]),
            Frame.data(joined.stream, new byte[bytes / 4]),
            Frame.endOf(joined.stream),
            Frame.reset(joined.stream, code));
        joined.open(); // behind the reset
        sent.countDown();

        assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("FIN after " + bytes);
        assertThat(joined.mesh.bridgeErrors).isEmpty();
      }
    }
  }

  /// A socket that is closed over unread bytes sends RST and forgets what it has not sent.
  @ParameterizedTest
  @EnumSource(Kind.class)
  void what_the_application_has_sent_to_nobody_does_not_cost_it_what_it_is_sent(Kind transport)
      throws Exception {
    var heard = new CompletableFuture<String>();
    var read = new CountDownLatch(1);
    try (var joined =
        new Joined(
            transport,
            socket -> {
              socket.getOutputStream().write(new byte[300_000]); // more than the window
              awaitQuietly(read);
              untilEnd(socket, heard);
            })) {
      joined.tunnel.read(joined.stream, 65_535);
      joined.send(
          Frame.data(joined.stream, new byte[1 << 20]),
          Frame.reset(joined.stream, H2Error.NO_ERROR));
      joined.tunnel.send(Frame.windowUpdate(0, 1 << 20));
      joined.open();
      read.countDown();

      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("FIN after " + (1 << 20));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_tunnel_that_is_lost_is_FIN_and_an_error(Kind transport) throws Exception {
    var heard = new CompletableFuture<String>();
    try (var joined = new Joined(transport, socket -> untilEnd(socket, heard))) {
      joined.tunnel.close();

      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("FIN after 0");
      await().until(() -> !joined.mesh.bridgeErrors.isEmpty());
      assertThat(joined.mesh.bridgeErrors)
          .singleElement()
          .asString()
          .startsWith("receive: io error: ");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void an_application_that_is_gone_for_good_resets_a_sender_with_NO_ERROR_behind_its_end(
      Kind transport) throws Exception {
    try (var joined = new Joined(transport, socket -> socket.getInputStream().read())) {
      joined.send(Frame.data(joined.stream, new byte[] {1}));
      assertThat(joined.next().has(Frame.END_STREAM)).isTrue();

      // the socket is closed: the first bytes meet RST, and what follows has nobody to go to
      Frame reset = null;
      while (reset == null) {
        joined.send(Frame.data(joined.stream, new byte[1]), Frame.ping(7));
        var frame =
            joined.tunnel.await(
                f -> f.is(Frame.PING) || f.stream() == joined.stream && f.is(Frame.RST_STREAM));
        reset = frame.is(Frame.RST_STREAM) ? frame : null;
      }

      assertThat(reset.number(0, -1)).isEqualTo(H2Error.NO_ERROR);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_stream_that_is_dropped_before_its_end_is_reset_with_CANCEL(Kind transport)
      throws Exception {
    var over = new CountDownLatch(1);
    try (var joined = new Joined(transport, _ -> awaitQuietly(over))) {
      joined.mesh.abortBridges();

      var reset = joined.next();
      assertThat(reset.is(Frame.RST_STREAM)).isTrue();
      assertThat(reset.number(0, -1)).isEqualTo(H2Error.CANCEL);
    } finally {
      over.countDown();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void GOAWAY_of_either_end_lets_streams_finish(Kind transport) throws Exception {
    try (var joined =
        new Joined(
            transport, socket -> socket.getInputStream().transferTo(socket.getOutputStream()))) {
      joined.send(new Frame(Frame.GOAWAY, 0, 0, new byte[8]));
      joined.mesh.server().drain(Duration.ofSeconds(20));
      joined.tunnel.await(frame -> frame.is(Frame.GOAWAY));

      joined.send(Frame.data(joined.stream, "on".getBytes(US_ASCII)), Frame.endOf(joined.stream));

      assertThat(new String(joined.tunnel.read(joined.stream, 2), US_ASCII)).isEqualTo("on");
      assertThat(joined.next().has(Frame.END_STREAM)).isTrue();
      assertThat(joined.tunnel.untilEnd().goAway()).isEqualTo(H2Error.NO_ERROR);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_request_after_GOAWAY_is_refused_so_that_it_may_be_tried_elsewhere(Kind transport)
      throws Exception {
    try (var joined =
        new Joined(
            transport, socket -> socket.getInputStream().transferTo(socket.getOutputStream()))) {
      joined.mesh.server().drain(Duration.ofSeconds(20));
      joined.tunnel.await(frame -> frame.is(Frame.PING)); // answered: the last stream is known
      joined.tunnel.await(frame -> frame.is(Frame.GOAWAY));

      int late = joined.tunnel.open(HeaderList.connect("192.0.2.1:80"));

      var refusal = joined.tunnel.await(frame -> frame.stream() == late);
      assertThat(refusal.is(Frame.RST_STREAM)).isTrue();
      assertThat(refusal.number(0, -1)).isEqualTo(H2Error.REFUSED_STREAM);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void the_deadline_of_a_drain_is_FIN_and_an_error(Kind transport) throws Exception {
    var heard = new CompletableFuture<String>();
    try (var joined = new Joined(transport, socket -> untilEnd(socket, heard))) {
      joined.mesh.server().drain(Duration.ofMillis(50));

      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("FIN after 0");
      await().until(() -> !joined.mesh.bridgeErrors.isEmpty());
      assertThat(joined.mesh.bridgeErrors)
          .containsExactly("receive: io error: connection failed to drain within the timeout");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_tunnel_that_has_drained_closes_behind_its_last_bytes_however_slow_the_peer(Kind transport)
      throws Exception {
    int answer = 24 << 20;
    try (var joined =
        new Joined(
            transport,
            socket -> {
              socket.getInputStream().readAllBytes();
              socket.getOutputStream().write(new byte[answer]);
            })) {
      joined.send(
          Frame.windowUpdate(0, answer),
          Frame.windowUpdate(joined.stream, answer),
          Frame.endOf(joined.stream));
      joined.mesh.server().drain(LIMIT);

      // slower than the server, whose last bytes wait on the way when the stream is over for it;
      // frames that reach a socket which is closed already would make the kernel throw them away
      int arrived = 0;
      Frame frame;
      do {
        frame = joined.next();
        arrived += frame.is(Frame.DATA) ? frame.payload().length : 0;
        joined.send(Frame.windowUpdate(0, 2_000));
      } while (!frame.has(Frame.END_STREAM) && frame.is(Frame.DATA));

      assertThat(arrived).isEqualTo(answer);
      assertThat(joined.tunnel.untilEnd().goAway()).isEqualTo(H2Error.NO_ERROR);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
