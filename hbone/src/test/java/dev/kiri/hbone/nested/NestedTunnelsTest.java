package dev.kiri.hbone.nested;

import static dev.kiri.hbone.nested.TwoNetworks.CLIENT;
import static dev.kiri.hbone.nested.TwoNetworks.GATEWAY;
import static dev.kiri.hbone.nested.TwoNetworks.WORKLOAD;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.blocking.HboneSocket;
import dev.kiri.hbone.blocking.SocketListener;
import dev.kiri.hbone.client.GatewayTarget;
import dev.kiri.hbone.client.HboneClient;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.nested.TwoNetworks.Options;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.PartialHandler;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.Revocations;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Double HBONE: a tunnel inside a stream of the tunnel to another network's gateway, on real
/// sockets.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class NestedTunnelsTest {

  private static void echo(HboneSocket socket) throws IOException {
    socket.inputStream().transferTo(socket.outputStream());
    socket.shutdownOutput();
  }

  private static Options over(NettyTransport.Kind transport, TlsSettings.Engine engine) {
    var defaults = Options.defaults();
    return new Options(
        transport,
        defaults.tls().withEngine(engine),
        defaults.atClient(),
        defaults.pool(),
        defaults.decision());
  }

  @ParameterizedTest
  @CsvSource({"EPOLL,BORINGSSL", "EPOLL,JDK", "IO_URING,BORINGSSL", "IO_URING,JDK"})
  void more_than_the_windows_hold_goes_there_and_back_and_both_ends_half_close(
      NettyTransport.Kind transport, TlsSettings.Engine engine) throws Exception {
    var sent = new byte[12 << 20];
    new Random(7).nextBytes(sent);
    try (var networks = new TwoNetworks(over(transport, engine), NestedTunnelsTest::echo);
        var socket = networks.client.connect(networks.target())) {
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
    }
  }

  @Test
  void the_end_of_one_direction_leaves_the_other_open() throws Exception {
    try (var networks =
            new TwoNetworks(
                Options.defaults(),
                socket -> {
                  int bytes = socket.inputStream().readAllBytes().length;
                  socket.outputStream().write(("got " + bytes).getBytes(US_ASCII));
                });
        var socket = networks.client.connect(networks.target())) {
      socket.outputStream().write(new byte[300_000]);
      socket.shutdownOutput();

      assertThat(new String(socket.inputStream().readAllBytes(), US_ASCII)).isEqualTo("got 300000");
    }
  }

  @Test
  void row_12_the_network_of_the_source_is_told_inside_only() throws Exception {
    try (var networks = new TwoNetworks(Options.defaults(), NestedTunnelsTest::echo);
        var socket = networks.client.connect(networks.target())) {
      var outer = networks.atGateway.getFirst();
      var inner = networks.atWorkload.getFirst();

      assertThat(outer.request().authority()).hasToString(TwoNetworks.HOST);
      assertThat(inner.request().authority()).hasToString(TwoNetworks.HOST);
      assertThat(outer.request().forwardedNetwork()).isNull();
      assertThat(inner.request().forwardedNetwork()).isEqualTo("network-1");
      assertThat(outer.peer().identity()).isEqualTo(CLIENT);
      assertThat(inner.peer().identity()).isEqualTo(CLIENT);
      assertThat(socket.peer().identity()).isEqualTo(WORKLOAD);
    }
  }

  @Test
  void a_gateway_that_is_somebody_else_is_refused() throws Exception {
    var other = SpiffeId.of("cluster.local", "istio-system", "other");
    try (var networks = new TwoNetworks(Options.defaults(), NestedTunnelsTest::echo)) {
      var target = networks.target(List.of(other), List.of(WORKLOAD));

      assertThatThrownBy(() -> networks.client.connect(target))
          .hasMessage(unexpected(other, GATEWAY));
      assertThat(networks.atGateway).isEmpty();
    }
  }

  @Test
  void a_workload_that_is_somebody_else_is_refused_though_the_gateway_is_right() throws Exception {
    var other = SpiffeId.of("cluster.local", "shop", "other");
    try (var networks = new TwoNetworks(Options.defaults(), NestedTunnelsTest::echo)) {
      var target = networks.target(List.of(GATEWAY), List.of(other));

      assertThatThrownBy(() -> networks.client.connect(target))
          .hasMessage(unexpected(other, WORKLOAD));
      assertThat(networks.atWorkload).isEmpty();
    }
  }

  private static String unexpected(SpiffeId expected, SpiffeId presented) {
    return "io error: invalid peer certificate: Other(OtherError(identity verification error: peer"
        + " did not present the expected SAN ("
        + expected
        + "), got "
        + presented
        + "))";
  }

  @Test
  void nobody_is_accepted_where_no_identity_is_expected_inside() throws Exception {
    try (var networks = new TwoNetworks(Options.defaults(), NestedTunnelsTest::echo)) {
      var target = networks.target(List.of(GATEWAY), List.of());

      assertThatThrownBy(() -> networks.client.connect(target))
          .hasMessageContaining("did not present the expected SAN ()");
    }
  }

  @Test
  void the_workloads_refusal_is_what_the_client_hears() throws Exception {
    var defaults = Options.defaults();
    var refusing =
        new Options(
            defaults.transport(), defaults.tls(), defaults.atClient(), defaults.pool(), _ -> 401);
    try (var networks = new TwoNetworks(refusing, NestedTunnelsTest::echo)) {
      assertThatThrownBy(() -> networks.client.connect(networks.target()))
          .hasMessage("http status: 401 Unauthorized");
    }
  }

  @Test
  void the_gateways_refusal_is_what_the_client_hears() throws Exception {
    try (var networks = new TwoNetworks(Options.defaults(), NestedTunnelsTest::echo)) {
      networks.workload.close(); // nobody is behind the gateway

      assertThatThrownBy(() -> networks.client.connect(networks.target()))
          .hasMessage("http status: 503 Service Unavailable");
    }
  }

  @Test
  void the_way_to_the_gateway_is_shared_and_each_connection_has_an_inner_tunnel_that_ends_with_it()
      throws Exception {
    try (var networks = new TwoNetworks(Options.defaults(), NestedTunnelsTest::echo)) {
      var sockets = new ArrayList<HboneSocket>();
      for (int i = 0; i < 5; i++) {
        sockets.add(networks.client.connect(networks.target()));
      }
      assertThat(networks.gatewayTunnels).hasValue(1);
      assertThat(networks.workloadTunnels).hasValue(5);

      for (var socket : sockets) {
        socket.shutdownOutput();
        assertThat(socket.inputStream().read()).isEqualTo(-1);
      }
      await().until(() -> networks.workloadTunnelsClosed.get() == 5);

      networks.client.connect(networks.target()).close();
      assertThat(networks.gatewayTunnels).hasValue(1);
    }
  }

  @Test
  void a_reset_of_the_workload_arrives_as_one() throws Exception {
    var closed = new CompletableFuture<StreamClosed>();
    try (var networks =
        new TwoNetworks(Options.defaults(), socket -> socket.inputStream().read())) {
      networks.client.open(
          networks.target(),
          new PartialHandler() {
            @Override
            public void opened(HboneStream opened, ConnectResponse response) {
              opened.write(Unpooled.wrappedBuffer(new byte[1]));
            }

            @Override
            public void closed(StreamClosed why) {
              closed.complete(why);
            }
          });

      assertThat(closed.get()).isEqualTo(new StreamClosed.Reset(H2Error.NO_ERROR, true));
    }
  }

  @Test
  void a_client_that_resets_is_heard_by_the_workload() throws Exception {
    var heard = new CompletableFuture<String>();
    try (var networks =
        new TwoNetworks(
            Options.defaults(),
            socket -> {
              try {
                socket.inputStream().transferTo(socket.outputStream());
                heard.complete("an end");
              } catch (IOException e) {
                heard.complete(String.valueOf(e.getMessage()));
              }
            })) {
      var hearing = new CompletableFuture<HboneStream>();
      networks.client.open(
          networks.target(),
          new PartialHandler() {
            @Override
            public void opened(HboneStream opened, ConnectResponse response) {
              hearing.complete(opened);
            }
          });

      var stream = hearing.get();
      stream.loop().execute(() -> stream.reset(H2Error.INTERNAL_ERROR));

      assertThat(heard.get()).isEqualTo("the stream was reset by the peer: INTERNAL_ERROR");
    }
  }

  @Test
  void a_gateway_that_goes_takes_its_connections_with_it() throws Exception {
    var over = new CountDownLatch(1);
    try (var networks = new TwoNetworks(Options.defaults(), _ -> awaitQuietly(over));
        var socket = networks.client.connect(networks.target())) {
      networks.gateway.close();

      assertThatThrownBy(() -> socket.inputStream().read())
          .hasMessageStartingWith("the tunnel was lost");
    } finally {
      over.countDown();
    }
  }

  @ParameterizedTest
  @CsvSource({"EPOLL,BORINGSSL", "IO_URING,JDK"})
  void a_workload_that_does_not_read_stops_the_sender_and_everything_arrives_when_it_does(
      NettyTransport.Kind transport, TlsSettings.Engine engine) throws Exception {
    int total = 40 << 20;
    var read = new CountDownLatch(1);
    var arrived = new CompletableFuture<Long>();
    try (var networks =
        new TwoNetworks(
            over(transport, engine),
            socket -> {
              awaitQuietly(read);
              long bytes = 0;
              var into = new byte[1 << 16];
              for (int n = socket.inputStream().read(into); n >= 0; ) {
                bytes += n;
                n = socket.inputStream().read(into);
              }
              arrived.complete(bytes);
            })) {
      var sender = new Sender(total);
      networks.client.open(networks.target(), sender);

      await().during(Duration.ofMillis(300)).until(sender.blocked::get);
      assertThat(sender.taken.get()).isLessThan(16 << 20);
      read.countDown();
      assertThat(arrived.get()).isEqualTo(total);
    } finally {
      read.countDown();
    }
  }

  @Test
  void a_workload_that_never_answers_is_given_up_in_time() throws Exception {
    var hold = new CountDownLatch(1);
    var defaults = Options.defaults();
    var hasty =
        new Options(
            defaults.transport(),
            defaults.tls(),
            defaults.atClient(),
            PoolSettings.DEFAULT.withTimes(
                Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofMinutes(5)),
            defaults.decision());
    try (var silent = EchoServer.running(_ -> awaitQuietly(hold));
        var networks = new TwoNetworks(hasty, NestedTunnelsTest::echo)) {
      networks.behindTheGateway(silent.address());

      assertThatThrownBy(() -> networks.client.connect(networks.target()))
          .hasMessage("h2 failed: no answer to CONNECT in time");
    } finally {
      hold.countDown();
    }
  }

  @Test
  void a_connection_that_is_cancelled_reaches_nobody() throws Exception {
    try (var networks = new TwoNetworks(Options.defaults(), NestedTunnelsTest::echo)) {
      var closed = new CompletableFuture<StreamClosed>();
      var opening =
          networks.client.open(
              networks.target(),
              new PartialHandler() {
                @Override
                public void closed(StreamClosed why) {
                  closed.complete(why);
                }
              });
      opening.cancel();

      assertThat(closed.get()).asString().contains("Cancelled");
      assertThat(networks.atWorkload).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"workload", "gateway"})
  void a_workload_or_gateway_that_is_revoked_loses_its_tunnels_at_once_and_the_reason_is_told(
      String whose) throws Exception {
    var who = whose.equals("workload") ? WORKLOAD : GATEWAY;
    var revoked = new AtomicBoolean();
    Revocations list =
        (certificate, _) ->
            revoked.get() && CertificateIdentities.of(certificate).spiffe().contains(who);
    var defaults = Options.defaults();
    var options =
        new Options(
            defaults.transport(), defaults.tls(), list, defaults.pool(), defaults.decision());
    var over = new CountDownLatch(1);
    try (var networks = new TwoNetworks(options, _ -> awaitQuietly(over));
        var socket = networks.client.connect(networks.target())) {
      revoked.set(true);
      networks.client.closeRevoked();

      assertThatThrownBy(() -> socket.inputStream().read())
          .hasMessageContaining("connection closed: peer certificate revoked by CRL");
      assertThatThrownBy(() -> networks.client.connect(networks.target()))
          .hasMessageEndingWith("Revoked");
    } finally {
      over.countDown();
    }
  }

  @Test
  void one_program_may_be_gateway_and_workload() throws Exception {
    var ca = TestCa.root("mesh");
    var own = ca.workload("default", "client");
    var both = ca.workload(WORKLOAD.namespace(), WORKLOAD.serviceAccount());
    var contexts = TlsContexts.of(both, TlsSettings.defaults());
    var inside =
        new HboneServer(
            ServerSettings.DEFAULT,
            () -> contexts,
            new SocketListener(_ -> 200, NestedTunnelsTest::echo));
    try (var at =
            ListeningServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                () -> both,
                ListenSettings.defaults(),
                incoming -> NestedTunnels.serve(incoming, inside));
        var client = new HboneClient(() -> own);
        var socket =
            client.connect(
                new GatewayTarget(
                    at.address(),
                    List.of(WORKLOAD),
                    List.of(WORKLOAD),
                    ConnectRequest.to(Authority.parse(TwoNetworks.HOST))))) {
      socket.outputStream().write("hello".getBytes(US_ASCII));
      socket.shutdownOutput();

      assertThat(new String(socket.inputStream().readAllBytes(), US_ASCII)).isEqualTo("hello");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Sends as much as the stream takes, until all has gone.
  private static final class Sender implements PartialHandler {
    private final int total;
    private final ByteBuf piece = Unpooled.wrappedBuffer(new byte[1 << 16]);
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean blocked = new AtomicBoolean();
    private @Nullable HboneStream stream;

    Sender(int total) {
      this.total = total;
    }

    @Override
    public void opened(HboneStream opened, ConnectResponse response) {
      stream = opened;
      writable();
    }

    @Override
    public void writable() {
      var to = Objects.requireNonNull(stream);
      blocked.set(false);
      while (taken.get() < total) {
        if (!piece.isReadable()) {
          piece.readerIndex(0);
        }
        int before = piece.readableBytes();
        boolean all = to.write(piece);
        taken.addAndGet(before - piece.readableBytes());
        if (!all) {
          blocked.set(true);
          return;
        }
      }
      to.end();
    }
  }
}
