package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.DirectMemory;
import java.util.concurrent.TimeUnit;

/// How much a peer may send on this tunnel (RFC 9113 6.9). Confined to the tunnel's loop.
///
/// Credit of the connection goes back when bytes arrive, so that a stalled stream does not starve
/// the others, as long as no more than `maxUnacknowledged` bytes wait for their readers. The
/// windows of the streams are as [StreamWindow] says: long before that, at a fifth of it, they
/// become small.
///
/// With the defaults, 8 MiB that wait, the connection's 16 MiB that may be under way, and a small
/// window for each of 200 streams are less than the bound: no number of stalled streams holds the
/// tunnel. A peer that does not acknowledge SETTINGS holds only itself.
final class ReceiveWindows {
  static final long MIN_SMALL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Tunnel tunnel;
  private final TunnelSettings settings;
  private int connectionWindow;
  private int credit;
  private int unacknowledged;
  private int announced;
  private int applied;
  private boolean awaitingAck = true; // of the first SETTINGS
  private long shrunk;

  ReceiveWindows(Tunnel tunnel) {
    this.tunnel = tunnel;
    this.settings = tunnel.settings();
    this.connectionWindow = settings.connectionWindow();
    this.announced = settings.streamWindow();
    this.applied = announced;
  }

  /// The window that a new stream begins with.
  int ofNewStream() {
    return applied;
  }

  /// Bytes that wait for their readers.
  int unacknowledged() {
    return unacknowledged;
  }

  /// What the peer was told last: streams give credit back in quarters of it.
  int announced() {
    return announced;
  }

  void arrived(int flowControlled) throws TunnelError {
    connectionWindow -= flowControlled;
    if (connectionWindow < 0) {
      throw TunnelError.flow("the connection's window was overrun");
    }
    credit += flowControlled;
  }

  void waiting(int bytes) {
    unacknowledged += bytes;
  }

  void acknowledged(int bytes) {
    unacknowledged -= bytes;
    giveCredit();
  }

  void giveCredit() {
    if (credit >= settings.connectionWindow() / 4
        && unacknowledged <= settings.maxUnacknowledged()) {
      connectionWindow += credit;
      tunnel.output().windowUpdate(0, credit);
      credit = 0;
      tunnel.planFlush();
    }
    if (!awaitingAck) {
      adapt();
    }
  }

  private void adapt() {
    int before = announced;
    int largest = settings.streamWindow();
    announce(
        StreamWindow.wanted(
            unacknowledged,
            settings.maxUnacknowledged(),
            before,
            largest,
            DirectMemory.level(),
            tunnel.considerateWindow(),
            before == largest || nanoTime() - shrunk >= MIN_SMALL_NANOS));
    if (announced < before) {
      shrunk = nanoTime();
      for (var stream : tunnel.streams().all()) {
        stream.giveCreditIfDue(); // or a sender whose reader is quick would wait for ever
      }
    }
  }

  private long nanoTime() {
    return tunnel.loop().ticker().nanoTime();
  }

  private void announce(int window) {
    if (window != announced) {
      announced = window;
      awaitingAck = true;
      tunnel.output().initialWindow(window);
      tunnel.planFlush();
      if (window > applied) {
        apply(); // the peer may use it before its ACK is here
      }
    }
  }

  /// The peer goes by what it was told last (RFC 9113 6.5.3).
  void settingsAcknowledged() {
    awaitingAck = false;
    apply();
  }

  private void apply() {
    int change = announced - applied;
    applied = announced;
    if (change != 0) {
      for (var stream : tunnel.streams().all()) {
        stream.receiveWindowChanged(change);
      }
    }
  }
}
