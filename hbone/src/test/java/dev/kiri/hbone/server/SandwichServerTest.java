package dev.kiri.hbone.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.blocking.HboneSocket;
import dev.kiri.hbone.blocking.SocketListener;
import dev.kiri.hbone.bridge.TcpStream;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import dev.kiri.hbone.testing.Transports;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import io.netty.bootstrap.ServerBootstrap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Connections that a proxy has taken out of their tunnels, on real sockets.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class SandwichServerTest {
  private static final InetSocketAddress CLIENT = at("192.0.2.1", 51_234);
  private static final InetSocketAddress SERVICE = at("192.0.2.100", 80);
  private static final SpiffeId PEER = SpiffeId.of("cluster.local", "default", "client");
  private static final byte[] HEADER = new ProxyHeader(CLIENT, SERVICE, PEER).bytes();

  private final List<IncomingConnect> requests = new CopyOnWriteArrayList<>();
  private final List<String> refusals = new CopyOnWriteArrayList<>();

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  private SocketListener listener(int status, SocketListener.Service service) {
    return new SocketListener(
        incoming -> {
          requests.add(incoming);
          return status;
        },
        service) {
      @Override
      public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
        refusals.add(text);
      }
    };
  }

  private ListeningServer serving(NettyTransport.Kind transport, SocketListener.Service service)
      throws IOException {
    return serving(transport, ServerSettings.DEFAULT, 200, service);
  }

  private ListeningServer serving(
      NettyTransport.Kind transport,
      ServerSettings settings,
      int status,
      SocketListener.Service service)
      throws IOException {
    Transports.require(transport);
    return ListeningServer.bindSandwiched(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        new ListenSettings(settings, TlsSettings.defaults(), transport, 1),
        listener(status, service));
  }

  private static void echo(HboneSocket socket) throws IOException {
    socket.inputStream().transferTo(socket.outputStream());
    socket.shutdownOutput();
  }

  private static Socket connect(InetSocketAddress to) throws IOException {
    var socket = new Socket(to.getAddress(), to.getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /// What comes until the end, which may be a reset.
  private static byte[] rest(Socket socket) throws IOException {
    var all = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(all);
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
    return all.toByteArray();
  }

  @ParameterizedTest
  @EnumSource(NettyTransport.Kind.class)
  void the_header_says_who_asks_for_what_and_the_bytes_behind_it_go_both_ways(
      NettyTransport.Kind transport) throws Exception {
    var sent = new byte[5 << 20];
    new Random(3).nextBytes(sent);
    try (var at = serving(transport, SandwichServerTest::echo);
        var socket = connect(at.address())) {
      var writer =
          CompletableFuture.runAsync(
              () -> {
                try {
                  var out = socket.getOutputStream();
                  var first = new ByteArrayOutputStream();
                  first.writeBytes(HEADER);
                  first.write(sent, 0, 100); // header and bytes in one segment
                  out.write(first.toByteArray());
                  out.write(sent, 100, sent.length - 100);
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });

      assertThat(rest(socket)).isEqualTo(sent);
      writer.join();
      var request = requests.getFirst();
      assertThat(request.request().authority()).hasToString("192.0.2.100:80");
      assertThat(request.peer().identity()).isEqualTo(PEER);
      assertThat(request.peer().remote()).isEqualTo(CLIENT);
    }
  }

  @ParameterizedTest
  @EnumSource(NettyTransport.Kind.class)
  void a_header_that_comes_byte_by_byte_and_an_end_right_behind_it_are_understood(
      NettyTransport.Kind transport) throws Exception {
    try (var at = serving(transport, SandwichServerTest::echo);
        var socket = connect(at.address())) {
      socket.setTcpNoDelay(true);
      for (byte one : HEADER) {
        socket.getOutputStream().write(one);
      }
      socket.getOutputStream().write('x');
      socket.shutdownOutput();

      assertThat(new String(rest(socket), US_ASCII)).isEqualTo("x");
    }
  }

  @Test
  void a_refusal_closes_the_connection() throws Exception {
    try (var at =
            serving(
                NettyTransport.Kind.EPOLL, ServerSettings.DEFAULT, 401, SandwichServerTest::echo);
        var socket = connect(at.address())) {
      socket.getOutputStream().write(HEADER);

      assertThat(rest(socket)).isEmpty();
      assertThat(requests).hasSize(1);
    }
  }

  @Test
  void a_server_that_speaks_first_is_heard() throws Exception {
    try (var at =
            serving(
                NettyTransport.Kind.EPOLL, socket -> socket.outputStream().write(new byte[] {7}));
        var socket = connect(at.address())) {
      socket.getOutputStream().write(HEADER);

      assertThat(socket.getInputStream().read()).isEqualTo(7);
    }
  }

  @Test
  void an_application_that_does_not_read_stops_the_sender() throws Exception {
    var over = new CountDownLatch(1);
    try (var at =
            serving(
                NettyTransport.Kind.EPOLL,
                socket -> {
                  try {
                    over.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  socket.inputStream().transferTo(java.io.OutputStream.nullOutputStream());
                });
        var socket = connect(at.address())) {
      socket.setSendBufferSize(64 << 10);
      socket.getOutputStream().write(HEADER);
      var sending =
          CompletableFuture.runAsync(
              () -> {
                try {
                  socket.getOutputStream().write(new byte[64 << 20]);
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });

      await().during(Duration.ofMillis(300)).until(() -> !sending.isDone());
      over.countDown();
      sending.get(30, TimeUnit.SECONDS);
      assertThat(TcpStream.WINDOW).isLessThan(1 << 20); // what the program itself held
    } finally {
      over.countDown();
    }
  }

  @Test
  void a_client_that_resets_is_a_connection_that_broke_and_not_an_end() throws Exception {
    var heard = new CompletableFuture<String>();
    try (var at =
        serving(
            NettyTransport.Kind.EPOLL,
            socket -> {
              try {
                socket.inputStream().readAllBytes();
                heard.complete("an end");
              } catch (IOException e) {
                heard.complete(String.valueOf(e.getMessage()));
              }
            })) {
      var socket = connect(at.address());
      socket.getOutputStream().write(HEADER);
      await().until(() -> !requests.isEmpty());
      socket.setSoLinger(true, 0); // close() sends RST
      socket.close();

      assertThat(heard.get())
          .isEqualTo("the tunnel was lost: Connection reset by peer (os error 104)");
    }
  }

  @Test
  void whoever_sends_no_header_is_closed_with_the_reason() throws Exception {
    try (var at = serving(NettyTransport.Kind.EPOLL, SandwichServerTest::echo);
        var socket = connect(at.address())) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));

      assertThat(rest(socket)).isEmpty();
      assertThat(refusals).containsExactly("PROXY protocol header: no PROXY protocol signature");
    }
  }

  @Test
  void a_header_that_ends_early_or_without_addresses_is_closed_with_the_reason() throws Exception {
    var mixed = new ProxyHeader(CLIENT, at("2001:db8::2", 80), PEER).bytes();
    try (var at = serving(NettyTransport.Kind.EPOLL, SandwichServerTest::echo);
        var early = connect(at.address());
        var unaddressed = connect(at.address())) {
      early.getOutputStream().write(HEADER, 0, HEADER.length - 1);
      early.shutdownOutput();
      assertThat(rest(early)).isEmpty();
      unaddressed.getOutputStream().write(mixed);
      assertThat(rest(unaddressed)).isEmpty();

      assertThat(refusals)
          .containsExactly(
              "PROXY protocol header: cut off", "PROXY protocol header: without addresses");
      assertThat(requests).isEmpty();
    }
  }

  @Test
  void a_header_that_does_not_come_is_not_waited_for_for_ever() throws Exception {
    var hasty =
        TunnelSettings.DEFAULT.withTimes(
            Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofMillis(100));
    try (var at =
            serving(
                NettyTransport.Kind.EPOLL,
                new ServerSettings(hasty),
                200,
                SandwichServerTest::echo);
        var socket = connect(at.address())) {
      assertThat(rest(socket)).isEmpty();
      assertThat(refusals).containsExactly("PROXY protocol header: not complete in time");
    }
  }

  @Test
  void a_health_check_is_answered_by_closing_and_is_no_refusal() throws Exception {
    var local = HEADER.clone();
    local[12] = 0x20;
    try (var at = serving(NettyTransport.Kind.EPOLL, SandwichServerTest::echo);
        var socket = connect(at.address())) {
      socket.getOutputStream().write(local);

      assertThat(rest(socket)).isEmpty();
      assertThat(refusals).isEmpty();
      assertThat(requests).isEmpty();
    }
  }

  @Test
  void nobody_but_the_trusted_may_say_who_he_is() throws Exception {
    var transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
    var loops = transport.newLoops(1, "sandwich");
    try {
      var server =
          new SandwichServer(
              ServerSettings.DEFAULT, _ -> false, listener(200, SandwichServerTest::echo));
      var channel =
          new ServerBootstrap()
              .group(loops)
              .channelFactory(() -> transport.newServerSocket().get())
              .childHandler(server.childHandler())
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .syncUninterruptibly()
              .channel();
      try (var socket = connect((InetSocketAddress) channel.localAddress())) {
        socket.getOutputStream().write(HEADER);

        assertThat(rest(socket)).isEmpty();
        assertThat(requests).isEmpty();
        assertThat(refusals)
            .containsExactly(
                "PROXY protocol header: sent by an address that is not trusted to send one");
      }
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
