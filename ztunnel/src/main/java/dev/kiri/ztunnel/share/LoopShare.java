package dev.kiri.ztunnel.share;

import dev.kiri.hbone.transport.ReadShare;
import java.util.ArrayDeque;

/// One pod on one event loop. Confined to the loop, but for the sums, which anybody may read.
final class LoopShare implements ReadShare {
  private static final int SMOOTHING = 8;

  private final LoopTurns turns;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final Sum loopNanos = new Sum();
  private final Sum readBytes = new Sum();
  private final Sum waits = new Sum();
  private long window = -1;
  private long turn = -1;
  private long usedInTurn;
  private int goingOn;
  private long usualNanos = 1_000;

  LoopShare(LoopTurns turns) {
    this.turns = turns;
  }

  @Override
  public boolean used(long bytes, long nanos, long now) {
    loopNanos.add(nanos);
    readBytes.add(bytes);
    usualNanos += (nanos - usualNanos) / SMOOTHING;
    long part = turns.served(this, now);
    if (turn != turns.turn() || part == LoopTurns.UNLIMITED) {
      turn = turns.turn();
      usedInTurn = 0;
      goingOn = 0;
    }
    usedInTurn += nanos;
    // where some of the pod's channels wait, all take turns
    boolean had = usedInTurn >= part || !waiting.isEmpty();
    boolean stops = part != LoopTurns.UNLIMITED && had;
    goingOn += stops ? 0 : 1;
    return stops;
  }

  @Override
  public void await(Waiting channel) {
    waits.add(1);
    waiting.addLast(channel);
    turns.waits(this);
  }

  /// Whether this is its first time in this window.
  boolean seenIn(long current) {
    boolean first = window != current;
    window = current;
    return first;
  }

  /// Lets as many channels go on as there is room for beside those that did not have to stop, at
  /// least one, and those that waited longest first; true when none waits any more.
  boolean goOn(long part) {
    long room = part - goingOn * usualNanos;
    do {
      var next = waiting.pollFirst();
      if (next == null) {
        return true;
      }
      next.goOn();
      room -= Math.max(1, usualNanos);
    } while (room > 0);
    return waiting.isEmpty();
  }

  long loopNanos() {
    return loopNanos.get();
  }

  long readBytes() {
    return readBytes.get();
  }

  long waits() {
    return waits.get();
  }
}
