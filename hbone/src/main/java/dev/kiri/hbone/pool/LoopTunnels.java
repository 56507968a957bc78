package dev.kiri.hbone.pool;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.tunnel.Tunnel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A pool's tunnels on one event loop. Confined to that loop.
final class LoopTunnels {
  private final EventLoop loop;
  private final PoolSettings settings;
  private final TunnelDialer dialer;
  private final ClientTls tls;
  private final PoolObserver observer;
  private final Map<TunnelKey, KeyTunnels> byKey = new HashMap<>();
  private final ArrayDeque<PendingStream> pending = new ArrayDeque<>();
  private int tunnels;
  private boolean closed;
  private @Nullable String closeText;
  private @Nullable Runnable whenEmpty;
  private @Nullable Future<?> sweep;

  LoopTunnels(
      EventLoop loop,
      PoolSettings settings,
      TunnelDialer dialer,
      ClientTls tls,
      PoolObserver observer) {
    this.loop = loop;
    this.settings = settings;
    this.dialer = dialer;
    this.tls = tls;
    this.observer = observer;
  }

  PoolObserver observer() {
    return observer;
  }

  boolean isClosed() {
    return closed;
  }

  long nanoTime() {
    return loop.ticker().nanoTime();
  }

  PendingStream open(TunnelKey key, ConnectRequest request, StreamHandler handler) {
    var of = byKey.get(key);
    if (of == null) {
      of = new KeyTunnels(key, this, settings);
      byKey.put(key, of);
    }
    var stream =
        new PendingStream(of, request, handler, nanoTime() + settings.openTimeout().toNanos());
    while (!pending.isEmpty() && pending.getFirst().isOver()) {
      pending.removeFirst();
    }
    of.place(stream);
    if (!stream.isOver()) {
      pending.addLast(stream);
    }
    sweepLater();
    forgetIfEmpty(of);
    return stream;
  }

  // bounds

  /// Makes room for one more tunnel, if need be by letting go of one without streams.
  boolean reserveTunnel() {
    if (tunnels >= settings.maxTunnels()) {
      KeyTunnels.PooledTunnel victim = null;
      for (var of : byKey.values()) {
        var idle = of.idlest();
        if (idle != null && (victim == null || idle.lastUsed() < victim.lastUsed())) {
          victim = idle;
        }
      }
      if (victim == null) {
        return false;
      }
      victim.tunnel().drain();
    }
    tunnels++;
    return true;
  }

  void releaseTunnel() {
    tunnels--;
  }

  void dial(KeyTunnels of) {
    var contexts = tls.contextsFor(of.key().source());
    var dial = new Dial(of, this, settings);
    if (contexts == null) {
      dial.failed(new HboneFailure.NoCertificate(of.key().source().uri()), "");
    } else {
      dial.start(loop, dialer, contexts);
    }
  }

  void tunnelOpened(Tunnel tunnel) {
    if (closed) {
      tunnel.drain();
    }
  }

  void forgetIfEmpty(KeyTunnels of) {
    if (of.isEmpty()) {
      byKey.remove(of.key());
    }
    tellIfEmpty();
  }

  // time

  private void sweepLater() {
    if (sweep == null && !byKey.isEmpty()) {
      long nanos =
          Math.min(settings.unusedRelease().toNanos() / 8, settings.openTimeout().toNanos() / 8);
      sweep = loop.schedule(this::sweep, Math.max(1_000_000, nanos), TimeUnit.NANOSECONDS);
    }
  }

  private void sweep() {
    sweep = null;
    long now = nanoTime();
    while (!pending.isEmpty()
        && (pending.getFirst().isOver() || pending.getFirst().deadlineNanos() - now <= 0)) {
      pending.removeFirst().expire();
    }
    for (var of : List.copyOf(byKey.values())) {
      of.releaseUnused(now - settings.unusedRelease().toNanos());
    }
    sweepLater();
  }

  void closeRevoked() {
    for (var of : List.copyOf(byKey.values())) {
      of.closeRevoked();
    }
  }

  // the end

  void drain(Runnable done) {
    closed = true;
    whenEmpty = done;
    for (var of : List.copyOf(byKey.values())) {
      of.drain();
    }
    tellIfEmpty();
  }

  void close(String text) {
    closed = true;
    closeText = text;
    for (var of : List.copyOf(byKey.values())) {
      of.close(text);
    }
    for (var stream : pending) {
      stream.cancel(text);
    }
    pending.clear();
    if (sweep != null) {
      sweep.cancel(false);
    }
  }

  @Nullable String closeText() {
    return closeText;
  }

  private void tellIfEmpty() {
    var done = whenEmpty;
    if (done != null && byKey.isEmpty()) {
      whenEmpty = null;
      done.run();
    }
  }

  int tunnelCount() {
    return tunnels;
  }
}
