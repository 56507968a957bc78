package dev.kiri.hbone.pool;

import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.EndsWithPeer;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A pool with tight bounds between workloads and servers that change all the time, on real
/// sockets. Each stream says in its baggage under which key it was opened. Driven by one thread.
final class PoolWorld implements AutoCloseable {
  static final int MAX_TUNNELS = 6;
  private static final int LOOPS = 2;
  private static final int SERVERS = 2;
  private static final List<String> SOURCES = List.of("a", "b", "c");
  private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(4);

  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
  private final EventLoopGroup loops = transport.newLoops(LOOPS, "pool");
  private final EventLoopGroup serverLoops = transport.newLoops(LOOPS, "servers");
  private final TestCa ca = TestCa.root("mesh");
  private final Map<SpiffeId, TlsContexts> contexts = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<HboneServer> servers = new AtomicReferenceArray<>(SERVERS);
  private final List<Channel> listeners = new ArrayList<>();
  private final List<TunnelKey> keys = new ArrayList<>();
  private final List<TrackedStream> streams = new ArrayList<>();
  private final AtomicInteger failingDials = new AtomicInteger();
  private final AtomicInteger serverTunnels = new AtomicInteger();
  private final PoolLedger ledger = new PoolLedger();
  private final HbonePool pool;
  private int opened;

  PoolWorld() {
    var settings =
        new PoolSettings(
            PoolSettings.DEFAULT.tunnel(),
            3,
            4,
            MAX_TUNNELS,
            8,
            Duration.ofSeconds(2),
            OPEN_TIMEOUT,
            Duration.ofMillis(200));
    pool = new HbonePool(settings, this::dial, contexts::get);
    SOURCES.forEach(source -> renew(id(source)));
    for (int i = 0; i < SERVERS; i++) {
      replace(i, "server-" + i);
      listeners.add(listen(i));
    }
    for (var source : SOURCES) {
      for (int i = 0; i < SERVERS; i++) {
        var at = (InetSocketAddress) listeners.get(i).localAddress();
        var server = id("server-" + i);
        keys.add(new TunnelKey(id(source), List.of(server), at, null));
        keys.add(new TunnelKey(id(source), List.of(id("other"), server), at, null));
        keys.add(new TunnelKey(id(source), List.of(server), at, address("192.0.2.7")));
      }
    }
  }

  private static SpiffeId id(String name) {
    return SpiffeId.of("cluster.local", name, name);
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private Channel dial() {
    if (failingDials.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      throw new IllegalStateException("no socket");
    }
    return transport.newSocket().get();
  }

  private Channel listen(int server) {
    return new ServerBootstrap()
        .group(serverLoops)
        .channelFactory(() -> transport.newServerSocket().get())
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(servers.get(server).childHandler());
              }
            })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .syncUninterruptibly()
        .channel();
  }

  private void renew(SpiffeId source) {
    contexts.put(
        source,
        TlsContexts.of(
            ca.workload(source.namespace(), source.serviceAccount()), TlsSettings.defaults()));
  }

  private void replace(int index, String name) {
    var tls = TlsContexts.of(ca.workload(name, name), TlsSettings.defaults());
    var server = new HboneServer(ServerSettings.DEFAULT, () -> tls, new Listener(id(name)));
    var before = servers.getAndSet(index, server);
    if (before != null) {
      before.drain(Duration.ofMillis(100));
    }
  }

  /// Does what the step says.
  void take(PoolStep step) {
    switch (step) {
      case PoolStep.Open(int key) -> open(key % keys.size());
      case PoolStep.Finish(int stream) -> remove(stream, TrackedStream::finish);
      case PoolStep.Reset(int stream) -> remove(stream, TrackedStream::reset);
      case PoolStep.Cancel(int stream) -> remove(stream, TrackedStream::cancel);
      case PoolStep.Renew(int source) -> renew(id(SOURCES.get(source % SOURCES.size())));
      case PoolStep.Withdraw(int source) ->
          contexts.remove(id(SOURCES.get(source % SOURCES.size())));
      case PoolStep.Drop(int source) -> {
        var id = id(SOURCES.get(source % SOURCES.size()));
        servers.get(source % SERVERS).closeIf(peer -> id.equals(peer.identity()), "dropped");
      }
      case PoolStep.Replace(int server, boolean impostor) ->
          replace(server % SERVERS, impostor ? "impostor" : "server-" + server % SERVERS);
      case PoolStep.FailDials(int dials) -> failingDials.set(dials);
      case PoolStep.Pause(int micros) -> LockSupport.parkNanos(micros * 1_000L);
    }
  }

  private void open(int key) {
    opened++;
    var says = new Baggage(null, "key", "pod", Integer.toString(key), null, null, null, null);
    var request = new ConnectRequest(Authority.parse("10.0.0.1:80"), says, null, null, null);
    var stream = new TrackedStream(ledger);
    streams.add(stream);
    stream.opening(pool.open(loops.next(), keys.get(key), request, stream));
  }

  private void remove(int any, Consumer<TrackedStream> end) {
    if (!streams.isEmpty()) {
      end.accept(streams.remove(any % streams.size()));
    }
  }

  /// Ends everything that runs and judges; null if no rule was broken.
  @Nullable String verdict() {
    streams.forEach(TrackedStream::finish);
    // nothing waits longer than the pool lets it
    until(OPEN_TIMEOUT.plusSeconds(3), () -> ledger.closed() == opened);
    pool.drain(Duration.ofSeconds(2)).toCompletableFuture().join();
    until(Duration.ofSeconds(3), () -> serverTunnels.get() == 0);
    ledger.atEnd(opened, serverTunnels.get(), tunnels());
    return ledger.violation();
  }

  /// A tunnel that makes room for another counts until its socket has closed.
  void checkBounds() {
    until(Duration.ofSeconds(3), () -> tunnels() <= LOOPS * MAX_TUNNELS);
    ledger.tunnels(tunnels(), LOOPS * MAX_TUNNELS);
  }

  int served() {
    return ledger.served();
  }

  private int tunnels() {
    return pool.tunnelCount().toCompletableFuture().join();
  }

  private static void until(Duration limit, BooleanSupplier holds) {
    long end = System.nanoTime() + limit.toNanos();
    while (!holds.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    pool.close();
    listeners.forEach(listener -> listener.close().syncUninterruptibly());
    transport.shutDown(loops, Duration.ofSeconds(2)).awaitUninterruptibly(6, TimeUnit.SECONDS);
    transport
        .shutDown(serverLoops, Duration.ofSeconds(2))
        .awaitUninterruptibly(6, TimeUnit.SECONDS);
  }

  /// The accepting end under one identity.
  private final class Listener implements ConnectListener {
    private final SpiffeId own;

    Listener(SpiffeId own) {
      this.own = own;
    }

    @Override
    public void tunnelOpened(TunnelPeer peer) {
      serverTunnels.incrementAndGet();
    }

    @Override
    public void tunnelClosed(TunnelPeer peer, String text) {
      serverTunnels.decrementAndGet();
    }

    @Override
    public void connect(IncomingConnect incoming) {
      var says = incoming.request().baggage();
      var index = says == null ? null : says.workloadName();
      if (index != null) {
        ledger.served(keys.get(Integer.parseInt(index)), incoming.peer(), own);
      }
      EndsWithPeer.accept(incoming);
    }
  }
}
