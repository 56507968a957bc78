package dev.kiri.hbone.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// Which tunnel a stream rides (istio/ztunnel `src/proxy/pool.rs`, its tests), on real sockets.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class HbonePoolTest {
  private final EchoServer app = EchoServer.echo();
  private final TestCa ca = TestCa.root("mesh");
  private @Nullable LoopbackMesh mesh;

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
    app.close();
  }

  private LoopbackMesh mesh(int maxStreams) {
    var defaults = Options.defaults();
    var made =
        LoopbackMesh.between(
            app.address(),
            new Options(
                defaults.transport(),
                defaults.tls(),
                defaults.client(),
                defaults.server(),
                maxStreams,
                1),
            ca.workload("default", "client"),
            ca.workload("default", "server"));
    mesh = made;
    return made;
  }

  private Opened open(LoopbackMesh in, TunnelKey key) {
    return open(in.pool(), in.loops().next(), key, null);
  }

  private Opened open(HbonePool pool, EventLoop loop, TunnelKey key, @Nullable Baggage baggage) {
    var request = new ConnectRequest(Authority.of(app.address()), baggage, null, null, null);
    var opened = new Opened();
    pool.open(loop, key, request, opened);
    return opened;
  }

  @Test
  void streams_share_a_tunnel_and_a_later_pair_finds_it_again() {
    var in = mesh(3);
    var first = List.of(open(in, in.key()), open(in, in.key()));
    first.forEach(Opened::finish);
    var second = List.of(open(in, in.key()), open(in, in.key()));
    second.forEach(Opened::finish);

    assertThat(in.tunnelsOpened.get()).isEqualTo(1);
    assertThat(in.tunnelsClosed.get()).isZero();
  }

  @Test
  void a_hundred_at_once_wait_for_one_dial() {
    var in = mesh(101);
    var all = new ArrayList<Opened>();
    for (int i = 0; i < 100; i++) {
      all.add(open(in, in.key()));
    }
    all.forEach(Opened::stream);

    assertThat(in.tunnelsOpened.get()).isEqualTo(1);
  }

  @Test
  void a_full_tunnel_is_joined_by_another_and_used_again_later() {
    var in = mesh(1);
    var both = List.of(open(in, in.key()), open(in, in.key()));
    both.forEach(Opened::stream);
    assertThat(in.tunnelsOpened.get()).isEqualTo(2);

    both.forEach(Opened::finish);
    open(in, in.key()).finish();

    assertThat(in.tunnelsOpened.get()).isEqualTo(2);
  }

  @Test
  void another_source_address_takes_another_tunnel() throws Exception {
    var in = mesh(100);
    var key = in.key();
    open(in, key).stream();
    open(
        in,
        new TunnelKey(
            key.source(), key.expected(), key.destination(), InetAddress.getByName("192.0.2.7")))
        .stream();

    assertThat(in.tunnelsOpened.get()).isEqualTo(2);
  }

  @Test
  void a_lost_tunnel_ends_its_streams_and_the_next_stream_dials() {
    var in = mesh(100);
    var lost = open(in, in.key());
    lost.stream();

    in.server().closeIf(_ -> true, "connection closed: peer certificate revoked by CRL");

    assertThat(lost.closed.join()).isInstanceOf(StreamClosed.TunnelLost.class);
    open(in, in.key()).finish();
    assertThat(in.tunnelsOpened.get()).isEqualTo(2);
  }

  @Test
  void a_peer_that_is_killed_and_says_no_goodbye_ends_its_streams_at_once() throws Exception {
    var in = mesh(100);
    var tls = TlsContexts.of(ca.workload("default", "client"), TlsSettings.defaults());
    try (var wire = new Wire(in.tunnels());
        var pool = new HbonePool(PoolSettings.DEFAULT, HbonePoolTest::halfClosable, _ -> tls)) {
      var key = new TunnelKey(LoopbackMesh.CLIENT, in.key().expected(), wire.address(), null);
      var lost = open(pool, in.loops().next(), key, null);
      lost.stream();

      wire.cut();

      assertThat(lost.closed.get(5, TimeUnit.SECONDS)).isInstanceOf(StreamClosed.TunnelLost.class);
    }
  }

  /// As a proxy makes the sockets of applications.
  private static EpollSocketChannel halfClosable() {
    var channel = new EpollSocketChannel();
    channel.config().setAllowHalfClosure(true);
    return channel;
  }

  /// Passes the bytes of one connection on, until it is cut: then the client sees the end of TCP
  /// and
  /// nothing of TLS.
  private static final class Wire implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Socket server = new Socket();
    private final CompletableFuture<Socket> client = new CompletableFuture<>();

    Wire(InetSocketAddress to) throws IOException {
      server.connect(to);
      Thread.ofVirtual().start(this::join);
    }

    private void join() {
      try {
        var accepted = listener.accept();
        client.complete(accepted);
        Thread.ofVirtual().start(() -> pass(server, accepted));
        pass(accepted, server);
      } catch (IOException e) {
        client.completeExceptionally(e);
      }
    }

    private static void pass(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException cut) {
        // the end of the test
      }
    }

    InetSocketAddress address() {
      return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    void cut() throws IOException {
      client.join().close();
    }

    @Override
    public void close() throws IOException {
      listener.close();
      server.close();
    }
  }

  @Test
  void a_draining_server_lets_running_streams_end_and_takes_no_new_tunnel() {
    var in = mesh(100);
    var running = open(in, in.key());
    var stream = running.stream();

    var drained = in.server().drain(Duration.ofSeconds(20)).toCompletableFuture();

    // one that was on its way when the server said so is still served
    await()
        .until(
            () -> {
              var late = open(in, in.key());
              late.finish();
              return late.closed.join() instanceof StreamClosed.Failed;
            });
    assertThat(drained).isNotDone();
    stream.loop().execute(stream::end);
    assertThat(running.closed.join()).isInstanceOf(StreamClosed.Finished.class);
    drained.join();
  }

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
    var tls = TlsContexts.of(ca.workload("default", "client"), TlsSettings.defaults());
    try (var deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var pool = new HbonePool(settings, EpollSocketChannel::new, _ -> tls)) {
      var nowhere = (InetSocketAddress) deaf.getLocalSocketAddress();
      var queue = new ArrayList<SocketChannel>();
      for (int i = 0; i < 4; i++) { // the queue of connections is full: no answer to the next one
        var channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.connect(nowhere);
        queue.add(channel);
      }
      var key = new TunnelKey(LoopbackMesh.CLIENT, List.of(), nowhere, null);

      var failure = open(pool, in.loops().next(), key, null).failure();

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
    try (var pool = new HbonePool(PoolSettings.DEFAULT, EpollSocketChannel::new, _ -> null)) {
      var failure = open(pool, in.loops().next(), in.key(), null).failure();

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
    var tls = TlsContexts.of(ca.workload("default", "client"), TlsSettings.defaults());
    try (var pool = new HbonePool(settings, EpollSocketChannel::new, _ -> tls)) {
      open(pool, in.loops().next(), in.key(), null).finish();

      await().until(() -> pool.tunnelCount().toCompletableFuture().join() == 0);
    }
  }

  @Test
  void a_pool_may_close_at_any_moment_of_a_handshake() {
    var in = mesh(100);
    var tls = TlsContexts.of(ca.workload("default", "client"), TlsSettings.defaults());
    for (int i = 0; i < 100; i++) {
      try (var pool = new HbonePool(PoolSettings.DEFAULT, EpollSocketChannel::new, _ -> tls)) {
        open(pool, in.loops().next(), in.key(), null);
        LockSupport.parkNanos(i * 50_000L); // up to five milliseconds: before, during, after
      }
    }

    open(in, in.key()).finish();
  }

  @Test
  void no_stream_rides_the_tunnel_of_another_identity() {
    var in = mesh(100);
    var random = new Random(17);
    Map<SpiffeId, TlsContexts> contexts = new HashMap<>();
    var sources = new ArrayList<SpiffeId>();
    for (var name : List.of("a", "b", "c", "d")) {
      var certificate = ca.workload(name, name);
      sources.add(certificate.identity());
      contexts.put(certificate.identity(), TlsContexts.of(certificate, TlsSettings.defaults()));
    }
    var settings = PoolSettings.DEFAULT.withMaxStreamsPerTunnel(3);
    try (var pool = new HbonePool(settings, EpollSocketChannel::new, contexts::get)) {
      var open = new ArrayList<Opened>();
      for (int i = 0; i < 300; i++) {
        var source = sources.get(random.nextInt(sources.size()));
        var key = new TunnelKey(source, in.key().expected(), in.tunnels(), null);
        var says = new Baggage(null, source.namespace(), null, null, null, null, null, null);
        open.add(open(pool, in.loops().next(), key, says));
        switch (random.nextInt(8)) {
          case 0 -> open.remove(random.nextInt(open.size())).finish();
          case 1 ->
              in.server().closeIf(peer -> source.equals(peer.identity()), "certificate changed");
          case 2 -> open.removeLast().reset();
          default -> {}
        }
      }
    }

    assertThat(in.requests).hasSizeGreaterThan(100);
    for (var request : List.copyOf(in.requests)) {
      var says = request.request().baggage();
      var is = request.peer().identity();
      assertThat(is == null ? "" : is.namespace()).isEqualTo(says == null ? "" : says.namespace());
    }
  }

  /// Waits for the events of one stream.
  private static final class Opened implements StreamHandler {
    private final CompletableFuture<HboneStream> stream = new CompletableFuture<>();
    private final CompletableFuture<StreamClosed> closed = new CompletableFuture<>();

    HboneStream stream() {
      return stream.join();
    }

    /// Ends this direction and waits until the stream is over.
    void finish() {
      stream.thenAccept(opened -> opened.loop().execute(opened::end));
      closed.join();
    }

    void reset() {
      stream.thenAccept(opened -> opened.loop().execute(() -> opened.reset(H2Error.CANCEL)));
    }

    HboneFailure failure() {
      return closed.join() instanceof StreamClosed.Failed(var failure)
          ? failure
          : new HboneFailure.Io("no failure");
    }

    @Override
    public void opened(HboneStream opened, ConnectResponse response) {
      stream.complete(opened);
    }

    @Override
    public void data(ByteBuf borrowed) {}

    @Override
    public void end() {}

    @Override
    public void writable() {}

    @Override
    public void closed(StreamClosed why) {
      closed.complete(why);
    }
  }
}
