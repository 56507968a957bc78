package dev.kiri.hbone.pool;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.tunnel.Tunnel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The tunnels of one key on one loop, and the streams that wait for one. Confined to the loop.
///
/// A stream takes the tunnel with the fewest streams that is not busy: held up by its socket or its
/// peer's window, or carrying bulk. Streams that find none wait while as many tunnels are dialled
/// as they need; one dial serves all streams that fit its tunnel, and if it fails it fails those
/// that waited for it at once, unless a busy tunnel can take them.
///
/// Busy tunnels are joined by others up to a small number: they isolate streams, they do not speed
/// them up.
final class KeyTunnels {
  private static final int MOST_FOR_ISOLATION = 4;

  private final TunnelKey key;
  private final LoopTunnels loop;
  private final PoolSettings settings;
  private final ArrayList<PooledTunnel> tunnels = new ArrayList<>(1);
  private final ArrayDeque<PendingStream> waiting = new ArrayDeque<>(2);
  private int dialling;

  KeyTunnels(TunnelKey key, LoopTunnels loop, PoolSettings settings) {
    this.key = key;
    this.loop = loop;
    this.settings = settings;
  }

  TunnelKey key() {
    return key;
  }

  /// Asks on a tunnel that has room, or lets the stream wait for one.
  void place(PendingStream stream) {
    if (loop.isClosed()) {
      stream.cancel("pool closed");
      return;
    }
    if (waiting.size() >= settings.maxWaiting()) {
      stream.fail(new HboneFailure.Saturated(settings.maxWaiting() + " streams wait for a tunnel"));
      return;
    }
    waiting.addLast(stream);
    serveWaiting();
  }

  private @Nullable PooledTunnel best() {
    PooledTunnel best = null;
    for (int i = 0; i < tunnels.size(); i++) { // asked for every stream: no iterator
      var candidate = tunnels.get(i);
      if (candidate.capacity() > 0 && (best == null || candidate.isBetterThan(best))) {
        best = candidate;
      }
    }
    return best;
  }

  /// Dials what those that wait need, with `most` tunnels in all; answers whether one is under way.
  private boolean dialAsNeeded(int most) {
    int perTunnel = settings.maxStreamsPerTunnel();
    int wanted = (waiting.size() + perTunnel - 1) / perTunnel;
    while (dialling < wanted && tunnels.size() + dialling < most && dial()) {
      // one after another: each may fail all that wait, at once
    }
    return dialling > 0;
  }

  private boolean dial() {
    if (!loop.reserveTunnel()) {
      if (tunnels.isEmpty() && dialling == 0) {
        failWaiting(new HboneFailure.Saturated(settings.maxTunnels() + " tunnels"));
      }
      return false;
    }
    dialling++;
    loop.dial(this);
    return dialling > 0;
  }

  private void dropFinished() {
    while (!waiting.isEmpty() && waiting.getFirst().isOver()) {
      waiting.removeFirst();
    }
  }

  // what the dial and the tunnels report

  void opened(PooledTunnel tunnel) {
    dialling--;
    tunnels.add(tunnel);
    serveWaiting();
  }

  void dialFailed(HboneFailure failure) {
    dialling--;
    loop.releaseTunnel();
    if (dialling == 0) {
      giveToBusy();
      failWaiting(failure);
    }
    loop.forgetIfEmpty(this);
  }

  private void failWaiting(HboneFailure failure) {
    var failed = List.copyOf(waiting);
    waiting.clear();
    for (var stream : failed) {
      stream.fail(failure);
    }
  }

  /// Gives room to those that wait, first come first served.
  void serveWaiting() {
    dropFinished();
    if (waiting.isEmpty()) {
      return; // as after most streams that end
    }
    long now = loop.nanoTime();
    while (!waiting.isEmpty()) {
      var best = best();
      int most = settings.maxTunnelsPerKey();
      if (best != null) {
        most = Math.min(most, best.isBusy() ? MOST_FOR_ISOLATION : 0);
      }
      if (most > 0 && dialAsNeeded(most) || best == null || waiting.isEmpty()) {
        return; // for a dial, for room, or a dial failed at once and took all with it
      }
      ask(best, now);
    }
  }

  /// Whoever waited for a further tunnel takes what there is.
  private void giveToBusy() {
    dropFinished();
    long now = loop.nanoTime();
    for (var best = best(); best != null && !waiting.isEmpty(); best = best()) {
      ask(best, now);
    }
  }

  private void ask(PooledTunnel tunnel, long now) {
    tunnel.ask(waiting.removeFirst(), now);
    dropFinished();
  }

  void closed(PooledTunnel tunnel, String text) {
    if (tunnels.remove(tunnel)) {
      loop.releaseTunnel();
      loop.observer().tunnelClosed(key, text);
    }
    serveWaiting();
    loop.forgetIfEmpty(this);
  }

  void observeOpened(TunnelPeer peer) {
    loop.observer().tunnelOpened(key, peer);
  }

  boolean isEmpty() {
    return tunnels.isEmpty() && waiting.isEmpty() && dialling == 0;
  }

  /// The tunnel that has been without streams longest, null if all have some.
  @Nullable PooledTunnel idlest() {
    PooledTunnel idlest = null;
    for (var candidate : tunnels) {
      if (candidate.isIdle() && (idlest == null || candidate.lastUsed() < idlest.lastUsed())) {
        idlest = candidate;
      }
    }
    return idlest;
  }

  /// Lets go of tunnels without streams that no stream has used since `before`.
  void releaseUnused(long before) {
    for (var tunnel : List.copyOf(tunnels)) {
      if (tunnel.isIdle() && tunnel.lastUsed() - before < 0) {
        tunnel.tunnel().drain();
      }
    }
  }

  void drain() {
    failWaiting(new HboneFailure.Cancelled("pool is draining"));
    for (var tunnel : List.copyOf(tunnels)) {
      tunnel.tunnel().drain();
    }
  }

  void closeRevoked() {
    for (var tunnel : List.copyOf(tunnels)) {
      tunnel.tunnel().closeIfRevoked();
    }
  }

  void close(String text) {
    failWaiting(new HboneFailure.Cancelled(text));
    for (var tunnel : List.copyOf(tunnels)) {
      tunnel.tunnel().close(text);
    }
  }

  int tunnelCount() {
    return tunnels.size() + dialling;
  }

  /// One tunnel and when a stream last took it.
  static final class PooledTunnel {
    private final Tunnel tunnel;
    private final int limit;
    private long lastUsed;

    PooledTunnel(Tunnel tunnel, int limit, long now) {
      this.tunnel = tunnel;
      this.limit = limit;
      this.lastUsed = now;
    }

    Tunnel tunnel() {
      return tunnel;
    }

    int capacity() {
      return tunnel.capacity(limit);
    }

    boolean isIdle() {
      return tunnel.active() == 0 && !tunnel.isDraining();
    }

    long lastUsed() {
      return lastUsed;
    }

    boolean isBusy() {
      return tunnel.isBusy();
    }

    boolean isBetterThan(PooledTunnel other) {
      boolean busy = isBusy();
      return busy == other.isBusy() ? tunnel.active() < other.tunnel.active() : !busy;
    }

    void ask(PendingStream stream, long now) {
      lastUsed = now;
      stream.ask(tunnel);
    }
  }
}
