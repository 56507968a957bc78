package dev.kiri.hbone.pool;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectRequest;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Opens streams over shared tunnels. Thread-safe; one pool serves one dialer (one pod).
///
/// A stream rides only a tunnel with an equal [TunnelKey], on its own event loop: tunnel, stream
/// and the caller's socket never change threads. Bounds and times are those of [PoolSettings].
public final class HbonePool implements AutoCloseable {
  private final PoolSettings settings;
  private final TunnelDialer dialer;
  private final ClientTls tls;
  private final PoolObserver observer;
  private final ConcurrentHashMap<EventLoop, LoopTunnels> loops = new ConcurrentHashMap<>();
  private volatile @Nullable String closed;

  public HbonePool(PoolSettings settings, TunnelDialer dialer, ClientTls tls) {
    this(settings, dialer, tls, PoolObserver.NONE);
  }

  public HbonePool(
      PoolSettings settings, TunnelDialer dialer, ClientTls tls, PoolObserver observer) {
    this.settings = settings;
    this.dialer = dialer;
    this.tls = tls;
    this.observer = observer;
  }

  /// Opens a stream on `loop`. The handler hears `opened` with the peer's answer, or only `closed`
  /// with the failure; on the loop, and possibly before this call returns.
  public Opening open(
      EventLoop loop, TunnelKey key, ConnectRequest request, StreamHandler handler) {
    var opening = new OpeningOnLoop(loop);
    if (loop.inEventLoop()) {
      opening.begun(on(loop).open(key, request, handler));
    } else {
      loop.execute(() -> opening.begun(on(loop).open(key, request, handler)));
    }
    return opening;
  }

  private LoopTunnels on(EventLoop loop) {
    var tunnels = loops.get(loop);
    if (tunnels == null) { // only this loop adds itself
      tunnels = new LoopTunnels(loop, settings, dialer, tls, observer);
      loops.put(loop, tunnels);
    }
    var text = closed;
    if (text != null && !tunnels.isClosed()) {
      tunnels.close(text);
    }
    return tunnels;
  }

  /// Opens no more streams; tunnels close when their streams have ended, all that are left at
  /// `deadline`. Completes when the last one has gone.
  public CompletionStage<Void> drain(Duration deadline) {
    closed = "pool is draining";
    var all = new ArrayList<CompletableFuture<Void>>();
    loops.forEach(
        (loop, tunnels) -> {
          var done = new CompletableFuture<Void>();
          all.add(done);
          loop.execute(() -> tunnels.drain(() -> done.complete(null)));
          loop.schedule(
              () -> tunnels.close("connection failed to drain within the timeout"),
              deadline.toMillis(),
              TimeUnit.MILLISECONDS);
        });
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
  }

  /// Closes the tunnels whose peers are revoked by now, at once. Call it when the revocations have
  /// changed.
  public void closeRevoked() {
    loops.forEach((loop, tunnels) -> loop.execute(tunnels::closeRevoked));
  }

  /// Ends all tunnels and streams at once.
  @Override
  public void close() {
    closed = "pool closed";
    loops.forEach((loop, tunnels) -> loop.execute(() -> tunnels.close("pool closed")));
  }

  /// Tunnels of all loops, those being dialled included; a snapshot for metrics and tests, read on
  /// the loops.
  public CompletionStage<Integer> tunnelCount() {
    var counts = new ArrayList<CompletableFuture<Integer>>();
    loops.forEach(
        (loop, tunnels) -> counts.add(CompletableFuture.supplyAsync(tunnels::tunnelCount, loop)));
    return CompletableFuture.allOf(counts.toArray(CompletableFuture[]::new))
        .thenApply(_ -> counts.stream().mapToInt(CompletableFuture::join).sum());
  }

  private static final class OpeningOnLoop implements Opening {
    private final EventLoop loop;
    private @Nullable PendingStream stream;
    private boolean cancelled;

    OpeningOnLoop(EventLoop loop) {
      this.loop = loop;
    }

    void begun(PendingStream begun) {
      stream = begun;
      if (cancelled) {
        begun.cancel("caller");
      }
    }

    @Override
    public void cancel() {
      if (!loop.inEventLoop()) {
        loop.execute(this::cancel);
        return;
      }
      cancelled = true;
      if (stream != null) {
        stream.cancel("caller");
      }
    }
  }
}
