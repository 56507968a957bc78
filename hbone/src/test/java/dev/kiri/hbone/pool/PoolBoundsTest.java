package dev.kiri.hbone.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// What bounds a pool: failing dials, full tunnels, time. On real sockets.
final class PoolBoundsTest extends BetweenTwo {
  @Test
  void a_failing_dial_fails_all_that_waited_at_once() {
    var in = mesh(100);
    var gone = EchoServer.echo();
    gone.close();
    var key = new TunnelKey(LoopbackMesh.CLIENT, List.of(), gone.address(), null);

    var all = new ArrayList<Opened>();
    for (int i = 0; i < 20; i++) {
      all.add(open(in, key));
    }

    for (var failed : all) {
      assertThat(failed.failure())
          .isEqualTo(new HboneFailure.Io("Connection refused (os error 111)"));
    }
  }

  @Test
  void a_dial_that_nobody_answers_says_what_may_be_wrong() throws Exception {
    var in = mesh(100);
    var settings =
        PoolSettings.DEFAULT.withTimes(
            Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofMinutes(5));
    try (var deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var pool = pool(in, settings)) {
      var nowhere = (InetSocketAddress) deaf.getLocalSocketAddress();
      var queue = new ArrayList<SocketChannel>();
      for (int i = 0; i < 4; i++) { // the queue of connections is full: no answer to the next one
        var channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.connect(nowhere);
        queue.add(channel);
      }
      var key = new TunnelKey(LoopbackMesh.CLIENT, List.of(), nowhere, null);

      var failure = open(pool, in.loops().next(), key).failure();

      assertThat(failure).isEqualTo(new HboneFailure.ConnectTimedOut(nowhere.getPort()));
      assertThat(new HboneFailure.ConnectTimedOut(15008).message())
          .isEqualTo(
              "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline"
                  + " has elapsed");
      for (var channel : queue) {
        channel.close();
      }
    }
  }

  @Test
  void without_a_certificate_nothing_is_dialled() {
    var in = mesh(100);
    try (var pool = in.newPool(PoolSettings.DEFAULT, _ -> null)) {
      var failure = open(pool, in.loops().next(), in.key()).failure();

      assertThat(failure.message())
          .isEqualTo("signing error: no certificate for " + LoopbackMesh.CLIENT);
    }
  }

  @Test
  void unused_tunnels_are_let_go() {
    var in = mesh(100);
    var settings =
        PoolSettings.DEFAULT.withTimes(
            Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(100));
    try (var pool = pool(in, settings)) {
      open(pool, in.loops().next(), in.key()).finish();

      await().until(() -> pool.tunnelCount().toCompletableFuture().join() == 0);
    }
  }

  private static PoolSettings settings(int perTunnel, int perKey, int all, int waiting) {
    return new PoolSettings(
        PoolSettings.DEFAULT.tunnel(),
        perTunnel,
        perKey,
        all,
        waiting,
        Duration.ofSeconds(5),
        Duration.ofMillis(1_500),
        Duration.ofMinutes(5));
  }

  private HbonePool pool(LoopbackMesh in, PoolSettings settings) {
    var tls = clientTls();
    return in.newPool(settings, _ -> tls);
  }

  /// The same pair by another key.
  private static TunnelKey key(LoopbackMesh in, int other) throws UnknownHostException {
    return new TunnelKey(
        LoopbackMesh.CLIENT,
        in.key().expected(),
        in.tunnels(),
        InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) other}));
  }

  @Test
  void a_full_pool_lets_go_of_the_tunnel_that_has_been_idle_longest() throws Exception {
    var in = mesh(100);
    try (var pool = pool(in, settings(100, 4, 2, 100))) {
      var loop = in.loops().next();
      open(pool, loop, key(in, 1)).finish();
      open(pool, loop, key(in, 2)).finish();
      open(pool, loop, key(in, 3)).finish();
      assertThat(pool.tunnelCount().toCompletableFuture().join()).isEqualTo(2);

      open(pool, loop, key(in, 2)).finish(); // is still there
      open(pool, loop, key(in, 3)).finish();
      var seen = in.requests.stream().map(request -> request.peer().remote()).distinct();
      assertThat(seen).hasSize(3);
    }
  }

  @Test
  void a_full_pool_without_an_idle_tunnel_says_so_at_once() throws Exception {
    var in = mesh(100);
    try (var pool = pool(in, settings(100, 4, 1, 100))) {
      var loop = in.loops().next();
      var running = open(pool, loop, key(in, 1));
      running.stream();

      assertThat(open(pool, loop, key(in, 2)).failure())
          .isEqualTo(new HboneFailure.Saturated("1 tunnels"));
      running.finish();
      open(pool, loop, key(in, 2)).finish();
    }
  }

  @Test
  void more_streams_than_may_wait_are_told_so_at_once() {
    var in = mesh(100);
    try (var pool = pool(in, settings(1, 1, 1, 2))) {
      var loop = in.loops().next();
      var running = open(pool, loop, in.key());
      running.stream();
      var waiting = List.of(open(pool, loop, in.key()), open(pool, loop, in.key()));

      assertThat(open(pool, loop, in.key()).failure())
          .isEqualTo(new HboneFailure.Saturated("2 streams wait for a tunnel"));
      running.finish();
      waiting.forEach(Opened::finish); // one after the other, on the same tunnel
    }
  }

  @Test
  void nothing_waits_longer_than_it_may() {
    var in = mesh(100);
    try (var pool = pool(in, settings(1, 1, 1, 10))) {
      var loop = in.loops().next();
      open(pool, loop, in.key()).stream(); // and never ends

      assertThat(open(pool, loop, in.key()).failure())
          .isEqualTo(new HboneFailure.Saturated("no tunnel in time"));
    }
  }

  /// Sockets that may be half closed, as a proxy makes all of its own.
  private HbonePool halfClosing(PoolSettings settings) {
    var transport = NettyTransport.choose(options.transport());
    var tls = clientTls();
    return new HbonePool(
        settings,
        () -> {
          var channel = transport.newSocket().get();
          channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
          return channel;
        },
        _ -> tls);
  }

  @Test
  void a_peer_that_hangs_up_in_the_handshake_fails_the_dial_at_once() throws Exception {
    var in = mesh(100);
    try (var hangsUp = EchoServer.running(socket -> socket.getInputStream().read());
        var pool = halfClosing(PoolSettings.DEFAULT)) {
      var key = new TunnelKey(LoopbackMesh.CLIENT, List.of(), hangsUp.address(), null);

      assertThat(open(pool, in.loops().next(), key).failure().message())
          .as("not the handshake's limit")
          .isIn("io error: tls handshake eof", "io error: Connection reset by peer (os error 104)");
    }
  }

  @Test
  void a_peer_that_hangs_up_without_a_word_ends_its_tunnel_at_once() throws Exception {
    var in = mesh(100);
    var cut = new CompletableFuture<Socket>();
    try (var between =
            EchoServer.running(
                socket -> {
                  cut.complete(socket);
                  try (var on = new Socket(in.tunnels().getAddress(), in.tunnels().getPort())) {
                    var back = Thread.ofVirtual().start(() -> pass(on, socket));
                    pass(socket, on);
                    back.interrupt();
                  }
                });
        var pool = halfClosing(PoolSettings.DEFAULT)) {
      var key = new TunnelKey(LoopbackMesh.CLIENT, in.key().expected(), between.address(), null);
      var running = open(pool, in.loops().next(), key);
      running.stream();

      cut.join().shutdownOutput(); // FIN, and no close_notify

      assertThat(running.closed.join()).isInstanceOf(StreamClosed.TunnelLost.class);
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // cut
    }
  }
}
