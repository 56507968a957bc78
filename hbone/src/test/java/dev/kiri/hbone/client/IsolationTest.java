package dev.kiri.hbone.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.PartialHandler;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// What a stream of bulk may do to the others of its pair, in order and in bytes. How long that
/// takes is measured by `./kiri bench hbone`.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class IsolationTest {
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");
  private static final int SHARE = 512 << 10;
  private static final int MESSAGE = 1_024;
  private static final int IN_A_ROW = 8; // where turns would be by halves

  private final TestCa ca = TestCa.root("mesh");
  private final CountDownLatch reading = new CountDownLatch(1);
  private final CompletableFuture<Void> bulkArrives = new CompletableFuture<>();
  private final CompletableFuture<Long> bulkBefore = new CompletableFuture<>();
  private final AtomicLong bulkReceived = new AtomicLong();
  private final AtomicInteger tunnels = new AtomicInteger();

  @AfterEach
  void letItRead() {
    reading.countDown();
  }

  /// Does not read at all once the first bytes of bulk are there, until told to.
  private ListeningServer server(int loops) throws IOException {
    var certificate = ca.workload("default", "server");
    // a stream's window that is never in the way
    var windows = TunnelSettings.DEFAULT.withWindows(256 << 20, 512 << 20, 1 << 20);
    return ListeningServer.bind(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        () -> certificate,
        new ListenSettings(
            new ServerSettings(windows), TlsSettings.defaults(), NettyTransport.Kind.EPOLL, loops),
        new ConnectListener() {
          @Override
          public void tunnelOpened(TunnelPeer peer) {
            tunnels.incrementAndGet();
          }

          @Override
          public void connect(IncomingConnect incoming) {
            boolean bulk = incoming.request().authority().port() == 1;
            var handler = bulk ? new Bulk() : new Small();
            handler.stream = incoming.accept(ConnectResponse.OK, handler);
          }
        });
  }

  private HboneClient client(int maxTunnels) {
    return client(maxTunnels, ClientSettings.defaults().loops());
  }

  private HboneClient client(int maxTunnels, int loops) {
    var certificate = ca.workload("default", "client");
    var pool = PoolSettings.DEFAULT;
    var bounded =
        new PoolSettings(
            pool.tunnel(),
            100,
            maxTunnels,
            maxTunnels,
            pool.maxWaiting(),
            pool.connectTimeout(),
            pool.openTimeout(),
            pool.unusedRelease());
    var defaults = ClientSettings.defaults();
    return new HboneClient(
        () -> certificate,
        new ClientSettings(bounded, defaults.tls(), defaults.transport(), loops));
  }

  private static Writing open(HboneClient client, ListeningServer at, int port) {
    return open(client, at, port, new Writing(port == 1 ? 128 << 20 : MESSAGE));
  }

  private static Writing open(HboneClient client, ListeningServer at, int port, Writing writing) {
    var request = ConnectRequest.to(Authority.parse("10.0.0.1:" + port));
    client.open(new HboneTarget(at.address(), List.of(SERVER), request), writing);
    return writing;
  }

  @Test
  void a_stream_that_waits_is_overtaken_by_one_share_of_bulk() throws Exception {
    try (var at = server(1);
        var client = client(1)) {
      var bulk = open(client, at, 1);
      var small = open(client, at, 2);
      bulk.opened.join();
      small.opened.join();

      long before = bulk.untilHeldUp(bulkArrives);
      small.begin().join();
      reading.countDown();

      assertThat(bulkBefore.join()).isBetween(before, before + SHARE);
      assertThat(tunnels).hasValue(1);
    }
  }

  @Test
  void a_stream_that_finds_its_tunnel_held_up_takes_another_one() throws Exception {
    try (var at = server(2);
        var client = client(8)) {
      var bulk = open(client, at, 1);
      bulk.opened.join();
      bulk.untilHeldUp(bulkArrives);

      var small = open(client, at, 2);
      small.opened.join();
      small.begin().join();

      assertThat(bulkBefore.join()).as("bulk that was read before").isLessThan(1 << 20);
      assertThat(tunnels).hasValue(2);
    }
  }

  /// Bulk that nothing holds up, and that began when nobody asked for a stream.
  @Test
  void a_stream_that_finds_bulk_on_its_tunnel_takes_another_one() throws Exception {
    reading.countDown();
    try (var at = server(1);
        var client = client(8)) {
      var bulk = new Writing(Integer.MAX_VALUE);
      open(client, at, 1, bulk).opened.join();
      bulk.begin();

      do {
        open(client, at, 2).opened.join();
      } while (tunnels.get() == 1 && !bulk.isDone());

      assertThat(tunnels.get()).isGreaterThan(1);
    }
  }

  /// And so another tunnel: one lives on one loop.
  @Test
  void streams_that_come_while_a_loop_carries_bulk_are_opened_on_another_one() throws Exception {
    reading.countDown();
    try (var at = server(1);
        var client = client(8, 2)) {
      var bulk = new Writing(Integer.MAX_VALUE);
      var busy = open(client, at, 1, bulk).opened.join().loop();
      bulk.begin();
      var loops = new ArrayDeque<EventLoop>();

      do {
        loops.addLast(open(client, at, 2).opened.join().loop());
        if (loops.size() > IN_A_ROW) {
          loops.removeFirst();
        }
      } while ((loops.size() < IN_A_ROW || loops.contains(busy)) && !bulk.isDone());

      assertThat(loops).doesNotContain(busy);
    }
  }

  @Test
  void busy_tunnels_are_joined_by_few_others_and_take_what_comes_then() throws Exception {
    try (var at = server(1);
        var client = client(1)) {
      var bulk = open(client, at, 1);
      bulk.opened.join();
      bulk.untilHeldUp(bulkArrives);

      var late = open(client, at, 2);
      reading.countDown();
      late.opened.join();

      assertThat(tunnels).hasValue(1);
    }
  }

  /// The accepting end of a stream.
  private abstract static class Reading implements PartialHandler {
    @Nullable HboneStream stream;

    void acknowledge(ByteBuf bytes) {
      if (stream != null) {
        stream.acknowledge(bytes.readableBytes());
      }
    }
  }

  private final class Bulk extends Reading {
    @Override
    public void data(ByteBuf borrowed) {
      bulkArrives.complete(null);
      try {
        reading.await(); // holds the loop: nothing of this tunnel is read meanwhile
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      bulkReceived.addAndGet(borrowed.readableBytes());
      acknowledge(borrowed);
    }
  }

  private final class Small extends Reading {
    @Override
    public void data(ByteBuf borrowed) {
      bulkBefore.complete(bulkReceived.get());
      acknowledge(borrowed);
    }
  }

  /// The dialling end: writes so many bytes as fast as they are taken.
  private static final class Writing implements PartialHandler {
    private final CompletableFuture<HboneStream> opened = new CompletableFuture<>();
    private final ByteBuf chunk = Unpooled.wrappedBuffer(new byte[64 << 10]);
    private final long total;
    private volatile long written;
    private volatile boolean heldUp;

    Writing(int total) {
      this.total = total;
    }

    /// Writes until the tunnel takes no more; answers how much it has taken.
    long untilHeldUp(CompletableFuture<Void> arrives) {
      begin().join();
      arrives.join();
      while (!heldUp) {
        Thread.onSpinWait();
      }
      return written;
    }

    boolean isDone() {
      return written == total;
    }

    CompletableFuture<Void> begin() {
      return CompletableFuture.runAsync(this::writable, opened.join().loop());
    }

    @Override
    public void opened(HboneStream stream, ConnectResponse response) {
      opened.complete(stream);
    }

    @Override
    public void writable() {
      var to = opened.join();
      long done = written;
      while (done < total) {
        chunk.setIndex(0, (int) Math.min(chunk.capacity(), total - done));
        boolean all = to.write(chunk);
        done += chunk.readerIndex();
        written = done;
        if (!all) {
          heldUp = true;
          return;
        }
      }
    }

    @Override
    public void closed(StreamClosed why) {
      opened.completeExceptionally(new AssertionError(why.toString()));
    }
  }
}
