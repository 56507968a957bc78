package dev.kiri.hbone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.blocking.HboneSocket;
import dev.kiri.hbone.blocking.SocketListener;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.PartialHandler;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.testing.Transports;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Programs that dial and serve without a proxy, blocking and not, on real sockets.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class HboneClientTest {
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");

  private final TestCa ca = TestCa.root("mesh");
  private final WorkloadCertificate client = ca.workload("default", "client");
  private final WorkloadCertificate server = ca.workload("default", "server");

  private ListeningServer serving(ListenSettings settings, SocketListener.Service service)
      throws IOException {
    return ListeningServer.bind(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        () -> server,
        settings,
        new SocketListener(_ -> 200, service));
  }

  private ListeningServer serving(SocketListener.Service service) throws IOException {
    return serving(ListenSettings.defaults(), service);
  }

  private static HboneTarget target(ListeningServer at) {
    return new HboneTarget(
        at.address(), List.of(SERVER), ConnectRequest.to(Authority.parse("10.0.0.1:80")));
  }

  private static void echo(HboneSocket socket) throws IOException {
    socket.inputStream().transferTo(socket.outputStream());
    socket.shutdownOutput();
  }

  @ParameterizedTest
  @CsvSource({"EPOLL,BORINGSSL", "EPOLL,JDK", "IO_URING,BORINGSSL", "IO_URING,JDK", "NIO,JDK"})
  void more_than_the_windows_hold_goes_there_and_back(
      NettyTransport.Kind transport, TlsSettings.Engine engine) throws Exception {
    Transports.require(transport);
    var tls = TlsSettings.defaults().withEngine(engine);
    var sent = new byte[24 << 20];
    new Random(7).nextBytes(sent);
    try (var at =
            serving(
                new ListenSettings(ServerSettings.DEFAULT, tls, transport, 1),
                HboneClientTest::echo);
        var dialling =
            new HboneClient(
                () -> client,
                new ClientSettings(ClientSettings.defaults().pool(), tls, transport, 1));
        var socket = dialling.connect(target(at))) {
      var writer =
          CompletableFuture.runAsync(
              () -> {
                try {
                  socket.outputStream().write(sent);
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });

      assertThat(socket.inputStream().readAllBytes()).isEqualTo(sent);
      writer.join();
      assertThat(socket.peer().identity()).isEqualTo(SERVER);
    }
  }

  @Test
  void a_peer_that_does_not_read_stops_the_writer_until_it_is_interrupted() throws Exception {
    var over = new CountDownLatch(1);
    try (var at = serving(_ -> awaitQuietly(over));
        var dialling = new HboneClient(() -> client);
        var socket = dialling.connect(target(at))) {
      var failure = new CompletableFuture<Throwable>();
      var writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      socket.outputStream().write(new byte[64 << 20]);
                    } catch (IOException e) {
                      failure.complete(e);
                    }
                  });
      await().until(() -> writer.getState() == Thread.State.WAITING);

      writer.interrupt();

      assertThat(failure.get()).isInstanceOf(InterruptedIOException.class);
    } finally {
      over.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_read_gives_up_after_its_timeout_and_the_next_one_goes_on() throws Exception {
    var speak = new CountDownLatch(1);
    try (var at =
            serving(
                socket -> {
                  awaitQuietly(speak);
                  socket.outputStream().write(7);
                });
        var dialling = new HboneClient(() -> client);
        var socket = dialling.connect(target(at))) {
      socket.readTimeout(Duration.ofMillis(20));
      assertThatThrownBy(() -> socket.inputStream().read())
          .isInstanceOf(SocketTimeoutException.class);

      socket.readTimeout(Duration.ZERO);
      speak.countDown();
      assertThat(socket.inputStream().read()).isEqualTo(7);
    }
  }

  @Test
  void a_server_that_stops_breaks_a_read_with_the_reason() throws Exception {
    var over = new CountDownLatch(1);
    var at = serving(_ -> awaitQuietly(over));
    try (at;
        var dialling = new HboneClient(() -> client);
        var socket = dialling.connect(target(at))) {
      at.close();

      assertThatThrownBy(() -> socket.inputStream().read())
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the tunnel was lost");
    } finally {
      over.countDown();
    }
  }

  @Test
  void nobody_listens_without_a_certificate_and_nobody_is_dialled() throws Exception {
    try (var at = serving(HboneClientTest::echo);
        var dialling = new HboneClient(() -> null)) {
      assertThatThrownBy(() -> dialling.connect(target(at)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("signing error");
    }
  }

  @Test
  void an_asynchronous_handler_hears_the_answer_the_bytes_and_the_end() throws Exception {
    var heard = new CompletableFuture<String>();
    try (var at = serving(socket -> socket.outputStream().write('7'));
        var dialling = new HboneClient(() -> client)) {
      dialling.open(target(at), new Recording(heard));

      assertThat(heard.get()).isEqualTo("200 7");
    }
  }

  /// Writes down the first byte.
  private static final class Recording implements PartialHandler {
    private final CompletableFuture<String> heard;
    private String text = "";

    Recording(CompletableFuture<String> heard) {
      this.heard = heard;
    }

    @Override
    public void opened(HboneStream stream, ConnectResponse response) {
      text = response.status() + " ";
    }

    @Override
    public void data(ByteBuf borrowed) {
      text += (char) borrowed.getByte(borrowed.readerIndex());
    }

    @Override
    public void closed(StreamClosed why) {
      heard.complete(text);
    }
  }
}
